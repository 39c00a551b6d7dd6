import { once } from "node:events";
import { WebSocket } from "ws";
import type { Destination, Load, Passage, RelayPlace, Source } from "./passage.ts";

/** Bytes that wait in the sender's socket above which it waits. */
const HIGH_WATER_BYTES = 1024 * 1024;
/** Messages sent before the sender looks whether it has to wait. */
const BURST = 64;

/** Raw messages over ws, with its masking, as anybody uses it. */
export const webSocketPassage = overWebSockets((bytes) => {
  const payload = Buffer.alloc(bytes, 7);
  return { encode: () => payload, decode: (message) => message.length };
});

/** A JSON document each, with the payload as text and what a relay needs to know beside it. */
export const jsonPassage = overWebSockets((bytes) => {
  const payload = "x".repeat(bytes);
  let id = 0;
  return {
    encode: () =>
      JSON.stringify({ type: "frame", id: String(++id), from: "source", to: "destination", ttl: 3, payload }),
    decode: (message) => (JSON.parse(message.toString()) as { payload: string }).payload.length,
  };
});

interface Codec {
  encode(): Buffer | string;
  /** Bytes of the payload. */
  decode(message: Buffer): number;
}

function overWebSockets(codecFor: (bytes: number) => Codec): Passage {
  return {
    async source(place): Promise<Source> {
      const socket = await open(place);
      return { send: (load) => sendAll(socket, codecFor(load.bytes), load) };
    },
    async destination(place): Promise<Destination> {
      const socket = await open(place);
      let arrived = Promise.withResolvers<void>();
      return {
        async expect({ frames, bytes }) {
          const { decode } = codecFor(bytes);
          arrived = Promise.withResolvers();
          let received = 0;
          socket.removeAllListeners("message");
          socket.on("message", (message: Buffer) => {
            if (decode(message) === bytes && ++received === frames) arrived.resolve();
          });
        },
        arrived: () => arrived.promise,
      };
    },
  };
}

async function sendAll(socket: WebSocket, { encode }: Codec, { frames }: Load): Promise<void> {
  for (let sent = 0; sent < frames; ) {
    for (let i = 0; i < BURST && sent < frames; i++, sent++) socket.send(encode());
    if (socket.bufferedAmount > HIGH_WATER_BYTES) await emptied(socket);
  }
}

/** Resolves when all that waits now has left. */
function emptied(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => socket.ping(undefined, undefined, () => resolve()));
}

async function open({ port }: RelayPlace): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  await once(socket, "open");
  return socket;
}

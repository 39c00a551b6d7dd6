import { once } from "node:events";
import { WebSocket } from "ws";
import type { Passage, RelayPlace } from "./passage.ts";

/** Bytes that wait in the sender's socket above which it waits. */
const HIGH_WATER_BYTES = 1024 * 1024;
/** Messages sent before the sender looks whether it has to wait. */
const BURST = 64;

/** Raw messages over ws, with its masking, as anybody uses it. */
export function webSocketPassage(place: RelayPlace): Promise<Passage> {
  return overWebSockets(place, (bytes) => {
    const payload = Buffer.alloc(bytes, 7);
    return { encode: () => payload, decode: (message) => message.length };
  });
}

/** A JSON document each, with the payload as text and what a relay needs to know beside it. */
export function jsonPassage(place: RelayPlace): Promise<Passage> {
  return overWebSockets(place, (bytes) => {
    const payload = "x".repeat(bytes);
    let id = 0;
    return {
      encode: () =>
        JSON.stringify({
          type: "frame",
          id: String(++id),
          from: "source",
          to: "destination",
          ttl: 3,
          payload,
        }),
      decode: (message) => (JSON.parse(message.toString()) as { payload: string }).payload.length,
    };
  });
}

interface Codec {
  encode(): Buffer | string;
  /** Bytes of the payload. */
  decode(message: Buffer): number;
}

async function overWebSockets({ port }: RelayPlace, codecFor: (bytes: number) => Codec): Promise<Passage> {
  const [source, destination] = await Promise.all([open(port), open(port)]);
  return {
    async carry(frames, bytes) {
      const { encode, decode } = codecFor(bytes);
      let received = 0;
      const arrived = new Promise<void>((resolve) => {
        destination.removeAllListeners("message");
        destination.on("message", (message: Buffer) => {
          if (decode(message) === bytes && ++received === frames) resolve();
        });
      });
      for (let sent = 0; sent < frames; ) {
        for (let i = 0; i < BURST && sent < frames; i++, sent++) source.send(encode());
        if (source.bufferedAmount > HIGH_WATER_BYTES) await emptied(source);
      }
      await arrived;
    },
  };
}

/** Resolves when all that waits now has left. */
function emptied(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => socket.ping(undefined, undefined, () => resolve()));
}

async function open(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  await once(socket, "open");
  return socket;
}

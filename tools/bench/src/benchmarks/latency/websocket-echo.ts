import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import type { Caller, Place } from "./caller.ts";

const OPTIONS = { perMessageDeflate: false } as const;

/** Answers each message with itself. */
export async function webSocketEcho(): Promise<Place> {
  return serving((client) => client.on("message", (message: Buffer) => client.send(message)));
}

/** Passes messages on, both ways. */
export async function webSocketRelay({ address }: Place): Promise<Place> {
  const next = new WebSocket(address, OPTIONS);
  await once(next, "open");
  return serving((client) => {
    client.on("message", (message: Buffer) => next.send(message));
    next.on("message", (message: Buffer) => client.send(message));
  });
}

export async function webSocketCaller({ address }: Place): Promise<Caller> {
  const socket = new WebSocket(address, OPTIONS);
  await once(socket, "open");
  // Answers keep the order of the questions.
  const waiting: ((answer: Buffer) => void)[] = [];
  socket.on("message", (answer: Buffer) => waiting.shift()?.(answer));
  return {
    call: (payload) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        socket.send(payload);
      }),
  };
}

async function serving(accept: (client: WebSocket) => void): Promise<Place> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, ...OPTIONS });
  server.on("connection", accept);
  await once(server, "listening");
  return { address: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

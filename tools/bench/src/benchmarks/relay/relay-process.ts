import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { BenchNode } from "../../mesh/bench-node.ts";
import { serve } from "../../processes/serve.ts";

// The relay's process: a node that forwards, or one of the relays that people write themselves.

/** Bytes waiting for one client above which the other one is not read, and below which it is read again. */
const HIGH_WATER_BYTES = 1024 * 1024;
const LOW_WATER_BYTES = 256 * 1024;

serve({
  async mesh(secret: Uint8Array) {
    const node = await BenchNode.start({ secret, listens: true });
    return node.mesh.listenAddress?.port;
  },
  /** Passes messages on as they are. */
  websocket: () => relayMessages((message) => message),
  /** Reads each message, as JSON, to see where it goes, and prints it again. */
  json: () => relayMessages((message) => JSON.stringify(JSON.parse(message.toString())), false),
});

/** Whatever one of two clients sends goes to the other one. */
async function relayMessages(pass: (message: Buffer) => Buffer | string, binary = true): Promise<number> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  const clients: WebSocket[] = [];
  server.on("connection", (client) => {
    clients.push(client);
    client.on("message", (message: Buffer) => {
      const other = clients.find((each) => each !== client);
      if (other === undefined) return;
      other.send(pass(message), { binary }, () => {
        if (client.isPaused && other.bufferedAmount <= LOW_WATER_BYTES) client.resume();
      });
      if (other.bufferedAmount > HIGH_WATER_BYTES) client.pause();
    });
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

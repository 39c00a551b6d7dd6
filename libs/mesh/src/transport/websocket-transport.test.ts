import { connect } from "node:net";
import { seededRandom, silentLogger, systemClock, systemRandom } from "@clawmatrix/environment";
import { Identity, MeshSecret } from "@clawmatrix/identity";
import { StatusCode } from "@clawmatrix/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { MeshNode } from "../mesh-node.ts";
import type { MeshNodeOptions } from "../mesh-node-options.ts";
import { MAX_BATCH_BYTES } from "../packet/limits.ts";
import { ListedMembers } from "../test-nodes.ts";
import type { Connection, Listener } from "./transport.ts";
import { WebSocketTransport } from "./websocket-transport.ts";

const DEADLINE_MS = 5_000;
const LOOPBACK = { host: "127.0.0.1", port: 0 };

const endings: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

function within<T>(what: string, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => reject(new Error(`${what}: not within ${DEADLINE_MS} ms`)), DEADLINE_MS);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function listen(accept: (connection: Connection) => void): Promise<Listener> {
  const listener = await new WebSocketTransport().listen(LOOPBACK, accept);
  endings.push(() => listener.close());
  return listener;
}

function urlOf(listener: Listener): string {
  return `ws://${listener.address.host}:${listener.address.port}`;
}

describe("the WebSocket transport", () => {
  it("carries binary messages both ways, also the largest, and tells when memory is free again", async () => {
    const listener = await listen((connection) => {
      endings.push(() => connection.close(4000, "over"));
      connection.receive({ message: (message) => connection.send(message), closed: () => undefined });
    });
    const connection = new WebSocketTransport().dial(urlOf(listener));
    const sent = Buffer.alloc(MAX_BATCH_BYTES, 5);
    let released = 0;
    const echoed = new Promise<Uint8Array>((resolve) => {
      connection.receive({
        opened: () => connection.send(sent, () => released++),
        message: resolve,
        closed: () => undefined,
      });
    });
    expect(Buffer.compare(await within("the echo", echoed), sent)).toBe(0);
    expect(released).toBe(1);
    connection.close(4000, "over");
    await within("the end", connection.whenClosed);
  });

  it("tells the other side the code of a close, with a reason cut to what fits", async () => {
    const listener = await listen((connection) => {
      connection.receive({ message: () => undefined, closed: () => undefined });
      connection.close(4009, "ü".repeat(100));
    });
    const connection = new WebSocketTransport().dial(urlOf(listener));
    const closed = new Promise<{ code: number; reason: string }>((resolve) => {
      connection.receive({ message: () => undefined, closed: (code, reason) => resolve({ code, reason }) });
    });
    expect(await within("the close", closed)).toEqual({ code: 4009, reason: "ü".repeat(61) });
  });

  it("closes a connection that sends a larger message, or text", async () => {
    const codes: Promise<number>[] = [];
    const listener = await listen((connection) => {
      codes.push(
        new Promise((resolve) => {
          connection.receive({ message: () => undefined, closed: (code) => resolve(code) });
        }),
      );
    });
    for (const message of [Buffer.alloc(MAX_BATCH_BYTES + 1), "text"]) {
      const { WebSocket } = await import("ws");
      const socket = new WebSocket(urlOf(listener));
      const closed = new Promise<number>((resolve) => socket.once("close", resolve));
      socket.once("error", () => undefined);
      socket.once("open", () => socket.send(message));
      expect(await within("the close", closed)).toBe(typeof message === "string" ? 1003 : 1009);
    }
    expect(await within("both ends", Promise.all(codes))).toHaveLength(2);
  });

  it("says why nothing came of dialling", async () => {
    const listener = await listen(() => undefined);
    const url = urlOf(listener);
    await listener.close();
    for (const address of [url, "http://127.0.0.1", "nonsense"]) {
      const connection = new WebSocketTransport().dial(address);
      const closed = new Promise<string>((resolve) => {
        connection.receive({
          message: () => undefined,
          closed: (code, reason) => resolve(`${code} ${reason}`),
        });
      });
      expect(await within("the failure", closed)).toMatch(
        address === url ? /^1006 .*ECONNREFUSED/ : /^1006 the address is not/,
      );
    }
  });

  it("gives up dialling at once when it is closed", async () => {
    const listener = await listen((connection) => {
      connection.receive({ message: () => undefined, closed: () => undefined });
    });
    const connection = new WebSocketTransport().dial(urlOf(listener));
    connection.receive({ message: () => undefined, closed: () => undefined });
    connection.close(4000, "not any more");
    await within("the end", connection.whenClosed);
  });

  it("answers a browser politely", async () => {
    const listener = await listen(() => undefined);
    const response = await fetch(urlOf(listener).replace("ws:", "http:"));
    expect(response.status).toBe(426);
    expect(await response.text()).toContain("This is a ClawMatrix node");
  });

  it("names the address that is in use, and what to do", async () => {
    const { address } = await listen(() => undefined);
    await expect(new WebSocketTransport().listen(address, () => undefined)).rejects.toMatchObject({
      code: StatusCode.FAILED_PRECONDITION,
      reason: "address-in-use",
      message: expect.stringContaining(`127.0.0.1:${address.port}`),
      hint: expect.stringContaining("[mesh] listen"),
    });
  });

  it("bounds sockets that never send a request", async () => {
    const listener = await listen(() => undefined);
    let closed = 0;
    const sockets = Array.from({ length: 300 }, () => {
      const socket = connect(listener.address);
      socket.on("close", () => closed++);
      socket.on("error", () => undefined);
      return socket;
    });
    endings.push(() => {
      for (const socket of sockets) socket.destroy();
    });
    await within(
      "the oldest are closed",
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.on("close", () => closed >= 44 && resolve());
      }),
    );
    expect(closed).toBe(44);
  });
});

describe("nodes over real sockets", () => {
  const secret = MeshSecret.generate(seededRandom(3));
  const membership = new ListedMembers();

  async function node(name: string, options: Partial<MeshNodeOptions> = {}): Promise<MeshNode> {
    const identity = Identity.generate(systemRandom);
    membership.admit(identity.nodeId);
    const made = new MeshNode({
      identity,
      meshSecret: secret,
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
      transport: new WebSocketTransport(),
      membership,
      description: { name, softwareVersion: "0.0.0" },
      ...options,
    });
    endings.push(() => made.stop());
    await made.start();
    return made;
  }

  it("exchange packets over a relay, and stop without leaving anything", async () => {
    const relay = await node("relay", { listen: LOOPBACK });
    const peers = [`ws://127.0.0.1:${relay.listenAddress?.port}`];
    const laptop = await node("laptop", { peers });
    const server = await node("server", { peers });
    const route = new Promise<void>((resolve) => {
      laptop.onRouteChange((id) => id === server.nodeId && laptop.isReachable(id) && resolve());
    });
    await within("a route", route);
    const count = 2_000;
    const arrived = new Promise<number[]>((resolve) => {
      const numbers: number[] = [];
      const packet = (_source: string, payload: Uint8Array) => {
        numbers.push(Buffer.from(payload).readUInt32BE(0));
        if (numbers.length === count) resolve(numbers);
      };
      server.receive({ packet, undeliverable: () => undefined });
    });
    for (let i = 0; i < count; i++) {
      const payload = Buffer.alloc(100 + (i % 900));
      payload.writeUInt32BE(i);
      expect(laptop.send(server.nodeId, [payload])).toBe("queued");
    }
    expect(await within("all packets", arrived)).toEqual(Array.from({ length: count }, (_, i) => i));
    expect(relay.counters.forwarded).toBe(count);
  });

  it("refuse to start where the port is taken, leaving nothing behind", async () => {
    const first = await node("first", { listen: LOOPBACK });
    await expect(node("second", { listen: first.listenAddress })).rejects.toMatchObject({
      code: StatusCode.FAILED_PRECONDITION,
    });
  });
});

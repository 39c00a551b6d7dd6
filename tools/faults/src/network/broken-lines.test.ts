import { seededRandom } from "@clawmatrix/environment";
import type { Channel } from "@clawmatrix/mesh";
import { CloseCode } from "@clawmatrix/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { within } from "../within.ts";
import { NumberedStream } from "./numbered-stream.ts";
import { SocketMesh, type SocketNode } from "./socket-mesh.ts";
import { type Line, TcpProxy } from "./tcp-proxy.ts";

const SOON_MS = 20_000;
/** What the longer way takes more, in ms: it is the second choice. */
const LONGER_MS = 20;

let mesh: SocketMesh;
const proxies: TcpProxy[] = [];

beforeEach(() => {
  mesh = new SocketMesh();
});

afterEach(async () => {
  await mesh.stop();
  for (const proxy of proxies.splice(0)) await proxy.close();
});

async function startProxy(node: SocketNode, line: () => Line): Promise<TcpProxy> {
  const proxy = await TcpProxy.start({ targetPort: node.port, line });
  proxies.push(proxy);
  return proxy;
}

const clear: Line = { pass: (bytes) => bytes };

/** Resolves when `condition` holds, as the nodes tell of their changes. */
async function until(nodes: readonly SocketNode[], what: string, condition: () => boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => condition() && resolve();
  const ends = nodes.map((node) => node.mesh.onNodesChange(look));
  look();
  await within(SOON_MS, what, promise).finally(() => ends.forEach((end) => void end()));
}

/** Both ends of the channel between two nodes. */
async function channelBetween(one: SocketNode, other: SocketNode): Promise<[Channel, Channel]> {
  await until([one, other], "a way", () => one.mesh.isReachable(other.mesh.nodeId));
  const far = new Promise<Channel>((resolve) => other.channels.onChannel(resolve));
  return [await one.channels.channelTo(other.mesh.nodeId), await within(SOON_MS, "the channel", far)];
}

describe("a stream", { timeout: 60_000 }, () => {
  it("goes another way when a link stays open and says nothing for three heartbeats", async () => {
    const near = await mesh.start("near", { listens: true, relays: true });
    const distant = await mesh.start("distant", { listens: true, relays: true });
    const nearProxy = await startProxy(near, () => clear);
    const distantProxy = await startProxy(distant, () => ({ ...clear, delayMs: () => LONGER_MS }));
    const server = await mesh.start("server", { dials: [near.port, distant.port] });
    const laptop = await mesh.start("laptop", { dials: [nearProxy.port, distantProxy.port] });
    const via = () => server.mesh.node(laptop.mesh.nodeId)?.via;
    await until([server], "the nearer way", () => via() === near.mesh.nodeId);
    const stream = new NumberedStream(...(await channelBetween(server, laptop)), 5_000);
    await stream.reach(100, SOON_MS);
    nearProxy.isSilent = true;
    await until([server], "the other way", () => via() === distant.mesh.nodeId);
    await stream.reach(5_000, SOON_MS);
    expect(stream.fault).toBeUndefined();
    expect(laptop.mesh.dialers()[0]?.code).toBe(CloseCode.SILENT);
    expect(near.mesh.neighbours().map(({ id }) => id)).not.toContain(laptop.mesh.nodeId);
  });

  it("arrives once and in order over a line that is slow, changes bytes and is cut", async () => {
    const random = seededRandom(7);
    let [flips, cuts] = [0, 0];
    /**
     * Each connection carries 200 to 800 KB, in which about one bit is changed; then it is cut in the midst of a message,
     * often before an acknowledgement has found its way back: what arrived must count all the same.
     */
    const rough = (): Line => {
      let left = 200_000 + random.fraction() * 600_000;
      let toFlip = random.fraction() * 600_000;
      return {
        delayMs: () => random.fraction() * 3,
        pass(bytes) {
          left -= bytes.length;
          const at = Math.floor(toFlip);
          toFlip -= bytes.length;
          if (left < 0) {
            cuts++;
            return { cut: true, last: bytes.subarray(0, bytes.length >> 1) };
          }
          if (at < 0 || at >= bytes.length) return bytes;
          flips++;
          const flipped = Buffer.from(bytes);
          flipped[at]! ^= 1 << Math.floor(random.fraction() * 8);
          return flipped;
        },
      };
    };
    const server = await mesh.start("server", { listens: true });
    const proxy = await startProxy(server, rough);
    const laptop = await mesh.start("laptop", { dials: [proxy.port] });
    const stream = new NumberedStream(...(await channelBetween(laptop, server)), 400);
    await stream.reach(400, SOON_MS);
    expect(stream.fault).toBeUndefined();
    expect(cuts).toBeGreaterThan(2);
    expect(flips).toBeGreaterThan(0);
  });
});

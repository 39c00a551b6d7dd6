import { VirtualClock } from "@clawmatrix/environment";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Attempt, type Damage, DamagedDialer } from "./damaged-dialer.ts";
import { SocketMesh, type SocketNode } from "./socket-mesh.ts";
import type { Direction } from "./tcp-proxy.ts";

/** Attempts at once: their waits overlap. */
const DIALERS = 8;
/** Every third byte is flipped here; the mesh's own link-handshake.test.ts flips every byte of every message. */
const FLIP_STEP = 3;
/** WebSocket messages of a handshake in each direction. */
const MESSAGES: Record<Direction, number> = { up: 2, down: 1 };
const UNLIMITED = { connectionsPerSecond: 1e6, burst: 1e6, handshakes: 1_000, handshakesPerAddress: 1_000 };

const clock = new VirtualClock();
let mesh: SocketMesh;
let server: SocketNode;
let dialers: DamagedDialer[];
let whole: Attempt;

beforeAll(async () => {
  mesh = new SocketMesh();
  server = await mesh.start("server", { listens: true, clock, limits: UNLIMITED });
  const names = Array.from({ length: DIALERS }, (_, at) => `dialer-${at}`);
  dialers = await Promise.all(names.map((name) => DamagedDialer.start(mesh, name, server, clock)));
  whole = await dialers[0]!.dial();
});

afterAll(async () => {
  for (const dialer of dialers) await dialer.stop();
  await mesh.stop();
});

/** Where the HTTP part of a connection ends, and where the handshake does. */
function endsOf(bytes: Buffer, messages: number): { http: number; handshake: number } {
  const http = bytes.indexOf("\r\n\r\n") + 4;
  let at = http;
  for (let message = 0; message < messages; message++) {
    const second = bytes.readUInt8(at + 1);
    const short = second & 0x7f;
    const maskBytes = second >= 0x80 ? 4 : 0;
    at += (short === 126 ? 4 + bytes.readUInt16BE(at + 2) : 2 + short) + maskBytes;
  }
  return { http, handshake: at };
}

/** Tries damages, several at a time, and returns what became of each. */
async function tryAll(damages: readonly Damage[]): Promise<{ damage: Damage; attempt: Attempt }[]> {
  const left = [...damages];
  const tried: { damage: Damage; attempt: Attempt }[] = [];
  await Promise.all(
    dialers.map(async (dialer) => {
      for (let damage = left.pop(); damage !== undefined; damage = left.pop()) {
        tried.push({ damage, attempt: await dialer.dial(damage) });
      }
    }),
  );
  return tried;
}

/** Those that became a link all the same, or ended without a word. */
function wrong(tried: Awaited<ReturnType<typeof tryAll>>) {
  return tried
    .filter(({ attempt }) => attempt.linked || attempt.reason === "")
    .map(({ damage, attempt: { linked, hung, reason } }) => ({ ...damage, linked, hung, reason }));
}

function expectNothingIsLeft(): void {
  expect(server.mesh.pendingHandshakes).toBe(0);
  expect(server.mesh.neighbours()).toEqual([]);
}

describe("a handshake over a broken network", { timeout: 60_000 }, () => {
  it("is a link where nothing was broken", async () => {
    expect(whole.linked).toBe(true);
    const before = server.mesh.counters.linksUp;
    expect((await dialers[1]!.dial()).linked).toBe(true);
    expect(server.mesh.counters.linksUp).toBe(before + 1);
  });

  it("is no link, ends on both sides with a reason and leaves nothing, wherever it is cut", async () => {
    const damages = (["up", "down"] as const).flatMap((direction) => {
      const { handshake } = endsOf(whole.bytes[direction], MESSAGES[direction]);
      return Array.from({ length: handshake }, (_, at): Damage => ({ kind: "cut", direction, at }));
    });
    const linksUp = server.mesh.counters.linksUp;
    const tried = await tryAll(damages);
    expect(wrong(tried)).toEqual([]);
    expect(server.mesh.counters.linksUp).toBe(linksUp);
    expectNothingIsLeft();
  });

  it("is no link where a bit of it was changed, and nobody waits for longer than the handshake may take", async () => {
    const damages = (["up", "down"] as const).flatMap((direction) => {
      const { http, handshake } = endsOf(whole.bytes[direction], MESSAGES[direction]);
      const count = Math.floor((handshake - http) / FLIP_STEP);
      return Array.from({ length: count }, (_, step): Damage => {
        return { kind: "flip", direction, at: http + step * FLIP_STEP };
      });
    });
    const linksUp = server.mesh.counters.linksUp;
    const tried = await tryAll(damages);
    expect(wrong(tried)).toEqual([]);
    expect(server.mesh.counters.linksUp).toBe(linksUp);
    expectNothingIsLeft();
  });
});

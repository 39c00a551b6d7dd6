import { connect, type Socket } from "node:net";
import { systemRandom } from "@clawmatrix/environment";
import { AgreementKeys, HandshakeState, NOISE_XX_PSK3 } from "@clawmatrix/identity";
import { CloseCode } from "@clawmatrix/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { within } from "../within.ts";
import { RelayedMesh } from "./relayed-mesh.ts";
import { StreamedTurn } from "./streamed-turn.ts";

const SETUP_MS = 60_000;
const SOON_MS = 20_000;
const CONNECTIONS = 1_000;
/** Of these sockets that send no HTTP request a node keeps so many. */
const MOST_SOCKETS = 256;
/** And so many handshakes. */
const MOST_HANDSHAKES = 64;
/** What a thousand strangers may cost a node, in bytes. Node itself needs some for sockets that come and go. */
const MOST_MEMORY = 96 * 2 ** 20;

let mesh: RelayedMesh;
const endings: (() => void)[] = [];

beforeAll(async () => {
  mesh = await RelayedMesh.start({ relays: ["relay"] });
}, SETUP_MS);

afterEach(() => {
  for (const end of endings.splice(0)) end();
});

afterAll(() => mesh?.end());

/** Strangers come from many addresses, lest the limits for one address be all that is seen. Linux has them all. */
function addressOf(stranger: number): string {
  return `127.0.1.${1 + (stranger % 40)}`;
}

/** Counts ends, and tells when there were enough. */
class Closed {
  readonly codes = new Map<number, number>();
  count = 0;
  #wake: () => void = () => undefined;

  add(code: number): void {
    this.count++;
    this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
    this.#wake();
  }

  async reach(count: number): Promise<void> {
    const reached = new Promise<void>((resolve) => {
      this.#wake = () => this.count >= count && resolve();
      this.#wake();
    });
    await within(SOON_MS, `${count} connections are closed`, reached, () => `${this.count} were.`);
  }
}

function openSockets(closed: Closed): void {
  for (let stranger = 0; stranger < CONNECTIONS; stranger++) {
    const options = { host: "127.0.0.1", port: mesh.ports[0] ?? 0, localAddress: addressOf(stranger) };
    const socket: Socket = connect(options);
    socket.on("error", () => undefined).on("close", () => closed.add(0));
    endings.push(() => socket.destroy());
  }
}

function openWebSockets(closed: Closed, first: Uint8Array | undefined): void {
  for (let stranger = 0; stranger < CONNECTIONS; stranger++) {
    const socket = new WebSocket(`ws://127.0.0.1:${mesh.ports[0]}`, { localAddress: addressOf(stranger) });
    socket.on("open", () => first && socket.send(first));
    socket.on("error", () => undefined).on("close", (code) => closed.add(code));
    endings.push(() => socket.terminate());
  }
}

/** The first message of a handshake carries nothing but a key: anybody can write it. */
function firstNoiseMessage(): Uint8Array {
  return new HandshakeState({
    pattern: NOISE_XX_PSK3,
    role: "initiator",
    prologue: Buffer.from("clawmatrix link 1", "ascii"),
    staticKeys: AgreementKeys.generate(systemRandom),
    psk: new Uint8Array(32),
    random: systemRandom,
  }).writeMessage(new Uint8Array(0));
}

/** A node that has a link goes on with it; one that comes anew gets in. */
async function expectOthersAreServed(): Promise<void> {
  const relay = mesh.relays[0]!;
  const turn = new StreamedTurn(mesh.laptop, await mesh.openSession("instant"), 100);
  endings.push(() => turn.end());
  await turn.result(SOON_MS);
  expect(turn.fault).toBeUndefined();
  await mesh.laptop.kill();
  await mesh.laptop.start();
  await mesh.linked(relay, SOON_MS);
}

const kinds: [string, number, (closed: Closed) => void, number][] = [
  ["send nothing at all", MOST_SOCKETS, openSockets, 0],
  [
    "become WebSockets and say nothing",
    MOST_HANDSHAKES,
    (c) => openWebSockets(c, undefined),
    CloseCode.RATE_LIMITED,
  ],
  [
    "send the first message of a handshake",
    MOST_HANDSHAKES,
    (c) => openWebSockets(c, firstNoiseMessage()),
    CloseCode.RATE_LIMITED,
  ],
];

describe.runIf(process.platform === "linux")(
  "a thousand connections of strangers",
  { timeout: 60_000 },
  () => {
    it.each(kinds)("that %s: the oldest are closed, others are served", async (_, most, open, code) => {
      const relay = mesh.relays[0]!;
      const before = await relay.memoryBytes();
      const closed = new Closed();
      open(closed);
      await closed.reach(CONNECTIONS - most);
      await expectOthersAreServed();
      // Those that could not even be upgraded were closed without a word.
      for (const seen of closed.codes.keys()) expect([code, 1006]).toContain(seen);
      if (code !== 0) expect(closed.codes.get(code)).toBeGreaterThan(0);
      expect((await relay.memoryBytes()) - before).toBeLessThan(MOST_MEMORY);
    });
  },
);

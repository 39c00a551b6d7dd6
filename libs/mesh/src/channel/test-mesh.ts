import { seededRandom, silentLogger, VirtualClock } from "@clawmatrix/environment";
import { Identity, MeshSecret, type NodeId } from "@clawmatrix/identity";
import { DedupClass, Priority, type StatusError } from "@clawmatrix/protocol";
import type { Channel } from "./channel.ts";
import { ChannelManager, type ChannelManagerOptions } from "./channel-manager.ts";
import type { FrameConduit, Lane } from "./frame-conduit.ts";
import { FrameFlag } from "./frame-layout.ts";
import { type CarrierFaults, MemoryNetwork } from "./memory-carrier.ts";

/** Who belongs to the mesh of a test. */
export class TestMembership {
  readonly members = new Set<NodeId>();
  readonly revoked = new Set<NodeId>();
  readonly #listeners = new Set<(node: NodeId) => void>();

  isMember(node: NodeId): boolean {
    return this.members.has(node) && !this.revoked.has(node);
  }

  isRevoked(node: NodeId): boolean {
    return this.revoked.has(node);
  }

  onChange(listener: (node: NodeId) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  revoke(node: NodeId): void {
    this.revoked.add(node);
    for (const listener of this.#listeners) listener(node);
  }
}

/** Nodes with channels between them, on virtual time. */
export class TestMesh {
  readonly clock = new VirtualClock();
  readonly random;
  readonly network: MemoryNetwork;
  readonly membership = new TestMembership();
  readonly #psk: Uint8Array;
  #boots = 0;

  constructor(seed = 1, faults: Partial<CarrierFaults> = {}) {
    this.random = seededRandom(seed);
    this.network = new MemoryNetwork({ clock: this.clock, random: this.random, faults });
    this.#psk = MeshSecret.generate(this.random).channelPsk();
  }

  identity(): Identity {
    const identity = Identity.generate(this.random);
    this.membership.members.add(identity.nodeId);
    return identity;
  }

  /** Starts a node; with the identity of one that runs, it is that one after a crash. */
  async node(
    identity = this.identity(),
    options: Partial<ChannelManagerOptions> = {},
  ): Promise<ChannelManager> {
    const manager = new ChannelManager({
      carrier: this.network.join(identity.nodeId),
      identity,
      psk: this.#psk,
      hello: {
        bootId: Uint8Array.from({ length: 16 }, () => ++this.#boots & 255),
        name: "node",
        softwareVersion: "0",
        features: [],
      },
      membership: this.membership,
      clock: this.clock,
      random: this.random,
      logger: silentLogger,
      endOfTurn: (callback) => void this.clock.schedule(0, callback),
      ...options,
    });
    await manager.start();
    return manager;
  }

  /** Lets time pass in small steps, so that promises keep up with timers. */
  async pass(ms: number, stepMs = 1): Promise<void> {
    const until = this.clock.monotonic() + ms;
    while (this.clock.monotonic() < until) {
      const due = this.clock.nextDue();
      const left = until - this.clock.monotonic();
      const toNext = due === undefined ? left : Math.max(due - this.clock.monotonic(), 0);
      this.clock.advance(Math.min(left, Math.max(toNext, stepMs)));
      for (let i = 0; i < 8; i++) await Promise.resolve();
    }
  }

  /** Lets time pass until `promise` is settled, for `ms` at most; returns or throws what it came to. */
  async settle<T>(promise: Promise<T>, ms = 120_000): Promise<T> {
    let settled = false;
    const noted = promise.finally(() => {
      settled = true;
    });
    noted.catch(() => undefined);
    const until = this.clock.monotonic() + ms;
    while (!settled && this.clock.monotonic() < until) await this.pass(1);
    if (!settled) throw new Error(`not settled within ${ms} ms of virtual time`);
    return noted;
  }
}

/** What has arrived on one call. */
export class ReceivedFrames {
  readonly payloads: Buffer[] = [];
  error: StatusError | undefined;

  frame(_type: number, _flags: number, payload: Uint8Array): void {
    this.payloads.push(Buffer.from(payload));
  }

  broken(error: StatusError): void {
    this.error = error;
  }

  get texts(): string[] {
    return this.payloads.map((payload) => payload.toString());
  }
}

/** Opens a call and returns its lane, and what comes back on it. */
export function openCall(
  conduit: FrameConduit,
  priority: Priority = Priority.INTERACTIVE,
): { lane: Lane; received: ReceivedFrames } {
  const received = new ReceivedFrames();
  const lane = conduit.open(priority, received);
  lane.send({
    type: 60,
    flags: DedupClass.CALL_ID | FrameFlag.OPEN,
    payload: new Uint8Array(),
    header: Buffer.from("header"),
  });
  return { lane, received };
}

/** Sends one message on a call. */
export function say(lane: Lane, payload: string | Uint8Array): void {
  lane.send({ type: 200, flags: DedupClass.CHANNEL_SEQUENCE, payload: Buffer.from(payload) });
}

/** Keeps every call that `manager` is sent, in the order in which they came. */
export function acceptCalls(
  manager: ChannelManager,
): { lane: Lane; received: ReceivedFrames; channel: Channel }[] {
  const calls: { lane: Lane; received: ReceivedFrames; channel: Channel }[] = [];
  manager.onChannel((channel) =>
    channel.accept((lane) => {
      const received = new ReceivedFrames();
      calls.push({ lane, received, channel });
      return received;
    }),
  );
  return calls;
}

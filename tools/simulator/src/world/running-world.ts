import { createHash } from "node:crypto";
import { type Logger, type Random, seededRandom } from "@clawmatrix/environment";
import { type Identity, MeshSecret, type NodeId } from "@clawmatrix/identity";
import {
  admit,
  BatchBuffers,
  foundMesh,
  MemoryTransportNetwork,
  publicKeysOf,
  revoke,
} from "@clawmatrix/mesh";
import { Weather } from "../faults/weather.ts";
import type { Sabotage } from "../sabotage/sabotage.ts";
import { type CallLog, CallLogs } from "./call-log.ts";
import { Disk } from "./disk.ts";
import type { Errand } from "./errand.ts";
import type { Identities } from "./identities.ts";
import { LateFrames } from "./late-frames.ts";
import { Machine } from "./machine.ts";
import { Messages } from "./message.ts";
import { PacketsSent } from "./packet-way.ts";
import { reachableFrom } from "./reachable-from.ts";
import { runErrand } from "./run-errand.ts";
import { type NodeSurroundings, SimulatedNode } from "./simulated-node.ts";
import { VirtualTime } from "./virtual-time.ts";
import type { World } from "./world.ts";

export interface RunningWorldOptions {
  readonly identities: Identities;
  readonly logger: Logger;
  readonly sabotage: Sabotage;
}

/** Who takes part in a world, beyond its single boots. */
export interface Participant {
  readonly number: number;
  readonly host: string;
  readonly identity: Identity;
  readonly disk: Disk;
  readonly relays: boolean;
  readonly dials: readonly number[];
  readonly secret: MeshSecret;
  /** A stranger was never admitted; a member may have been revoked since. */
  readonly role: "member" | "stranger";
  boots: number;
  /** The latest boot. */
  node: SimulatedNode;
}

/** Identities beyond the world's nodes, for those who come later. */
const LATECOMERS = 8;
/** Each node's wall clock is off by up to so many milliseconds, either way. */
const SKEW_MS = 2_000;
const CALL_ID_BYTES = 16;

/** A world while it runs: its time, its network, its nodes, and what they have done. */
export class RunningWorld {
  readonly world: World;
  readonly time = new VirtualTime();
  readonly weather: Weather;
  readonly network: MemoryTransportNetwork;
  readonly logs = new CallLogs();
  readonly messages: Messages;
  readonly packets = new PacketsSent();
  readonly late = new LateFrames();
  readonly participants: Participant[] = [];
  readonly random: Random;
  /** When the world's own time begins, in monotonic milliseconds: faults and errands are counted from there. */
  originMs = 0;
  /** Messages on the wire in which the words were found that nobody but the two ends may see. */
  leaks = 0;
  wireBytes = 0;
  readonly #trace = createHash("sha256");
  readonly #identities: Identity[];
  readonly #secret: MeshSecret;
  readonly #surroundings: NodeSurroundings;
  readonly #founding: Uint8Array;
  /** The number of whoever comes next. */
  #comers: number;

  constructor(world: World, { identities, logger, sabotage }: RunningWorldOptions) {
    const { seed, delayMs, jitterMs } = world;
    this.world = world;
    this.#comers = world.nodes;
    this.random = seededRandom(seed);
    this.messages = new Messages(seed);
    const { clock } = this.time;
    this.weather = new Weather({ delayMs, jitterMs, now: () => clock.monotonic() });
    this.network = new MemoryTransportNetwork({
      clock,
      random: seededRandom(seed + 1),
      conditions: this.weather,
    });
    this.#identities = identities.draw(world.nodes + LATECOMERS, seed);
    this.#secret = MeshSecret.generate(this.random);
    const { mesh, entry } = foundMesh(this.#identities[0]!, this.#secret, hostOf(0), clock.now());
    this.#founding = entry;
    this.#surroundings = {
      network: this.network,
      mesh,
      buffers: new BatchBuffers(),
      tap: (from, to, message) => this.#tapped(from, to, message),
      logs: this.logs,
      messages: this.messages,
      packets: this.packets,
      late: this.late,
      logger,
      sabotage,
    };
  }

  /** Makes and starts all nodes. The founder has admitted them before. */
  async start(): Promise<void> {
    const { nodes, links, leaves = [] } = this.world;
    for (let number = 0; number < nodes; number++) {
      const dials = links.filter(([from]) => from === number).map(([, to]) => to);
      this.#add(number, { dials, relays: !leaves.includes(number), role: "member" });
    }
    for (const { number } of this.participants.slice(1)) this.#admit(number);
    // What the founder has decided they have all been told; what it decides from here on gossip has to bring.
    const { membership } = this.founder.node;
    const entries = Array.from(membership.entries(), ({ bytes }) => bytes);
    for (const { node } of this.participants.slice(1)) node.membership.merge(entries);
    await Promise.all(this.participants.map(({ node }) => node.start()));
  }

  get founder(): Participant {
    return this.participants[0]!;
  }

  /** Members that run now, as the founder has decided. */
  members(): Participant[] {
    return this.participants.filter(
      ({ role, node }) => role === "member" && node.isRunning && !this.isRevoked(node),
    );
  }

  /** The members that can hear of what the founder decides, itself among them: what goes on elsewhere nobody can settle. */
  informedMembers(): Participant[] {
    return [this.founder, ...reachableFrom(this.founder, this.members())];
  }

  isRevoked({ nodeId }: { readonly nodeId: NodeId }): boolean {
    return this.founder.node.membership.isRevoked(nodeId);
  }

  /** Starts a node that has crashed again. */
  async restart(participant: Participant): Promise<void> {
    if (participant.node.isRunning) return;
    // Its host tells those who still hold connections to the boot before that it knows nothing of them.
    for (const { host } of this.participants) this.network.cut(participant.host, host);
    participant.disk.reopen();
    if (this.#surroundings.sabotage.forgetsCalls === true) participant.disk.forgetCalls();
    participant.boots++;
    participant.node = this.#boot(participant, participant.node.machine.skewMs);
    await participant.node.start();
  }

  /** The founder admits a new node, which comes into the mesh by dialling `near`. */
  async join(near: number): Promise<void> {
    const { founder } = this;
    if (!founder.node.machine.isRunning) return;
    const number = this.#comers++;
    this.#admit(number);
    // It may have crashed over it.
    if (!founder.node.isRunning || !founder.node.membership.isMember(this.#identities[number]!.nodeId))
      return;
    const joining = this.#add(number, { dials: [near], relays: true, role: "member" });
    joining.node.membership.merge(Array.from(founder.node.membership.entries(), ({ bytes }) => bytes));
    await joining.node.start();
  }

  /** Somebody whom nobody has admitted dials `near`. */
  async stranger(near: number, knowsSecret: boolean): Promise<Participant> {
    const secret = knowsSecret ? this.#secret : MeshSecret.generate(this.random);
    const number = this.#comers++;
    const stranger = this.#add(number, { dials: [near], relays: true, role: "stranger", secret });
    await stranger.node.start();
    return stranger;
  }

  /** The founder revokes a node. */
  revoke(number: number): void {
    const target = this.participants[number];
    if (target === undefined || target === this.founder) return;
    this.founder.node.machine.run(() => revoke(this.#decider(), target.identity.nodeId));
  }

  /** Makes the call of an errand, unless its caller is away. Returns its log. */
  run(errand: Errand): CallLog | undefined {
    const [from, to] = [this.participants[errand.from], this.participants[errand.to]];
    if (from === undefined || to === undefined || !from.node.isRunning) return undefined;
    const { node } = from;
    const { machine, random } = node;
    const log: CallLog = {
      errand,
      callId: Buffer.from(this.random.bytes(CALL_ID_BYTES)).toString("hex"),
      startedMs: this.time.nowMs,
      callerHasCrashed: () => machine.hasCrashed,
      received: [],
      damaged: 0,
      attempts: 0,
      mostAheadBytes: 0,
      endedMs: undefined,
      error: undefined,
      executions: [],
    };
    this.logs.add(log);
    const { nodeId } = to.identity;
    const dialer = {
      dial: async () => ({ conduit: this.late.watch(await node.channels.channelTo(nodeId)) }),
    };
    void runErrand({ log, dialer, clock: machine, random, messages: this.messages });
    return log;
  }

  /** A digest of all that was on the wire, and when: the same for the same world. */
  traceDigest(): string {
    return this.#trace.copy().digest("hex");
  }

  #decider() {
    const { node, identity } = this.founder;
    return { membership: node.membership, identity, clock: node.machine };
  }

  #admit(number: number): void {
    const keys = publicKeysOf(this.#identities[number]!);
    this.founder.node.machine.run(() => admit(this.#decider(), { keys, name: hostOf(number) }));
  }

  #add(
    number: number,
    given: Pick<Participant, "dials" | "relays" | "role"> & { readonly secret?: MeshSecret },
  ): Participant {
    const disk = new Disk([this.#founding]);
    const identity = this.#identities[number]!;
    const description = { number, host: hostOf(number), identity, disk, secret: this.#secret, ...given };
    const skewMs = Math.round((this.random.fraction() * 2 - 1) * SKEW_MS);
    const participant: Participant = {
      ...description,
      boots: 1,
      node: this.#boot({ ...description, boots: 1 }, skewMs),
    };
    this.participants.push(participant);
    return participant;
  }

  #boot(participant: Omit<Participant, "node" | "role">, skewMs: number): SimulatedNode {
    const { host, identity, secret, disk, relays, dials, boots, number } = participant;
    const machine = new Machine(this.time.clock, skewMs);
    const seed = (Math.imul(this.world.seed, 31) + number * 1_009 + boots) >>> 0;
    return new SimulatedNode(
      { host, identity, secret, disk, machine, boot: boots, seed, relays, dials: dials.map(hostOf) },
      this.#surroundings,
    );
  }

  #tapped(from: string, to: string, message: Uint8Array): void {
    this.wireBytes += message.length;
    this.#trace.update(`${this.time.nowMs} ${from} ${to} `).update(message);
    if (Buffer.from(message.buffer, message.byteOffset, message.length).includes(this.messages.secret))
      this.leaks++;
  }
}

function hostOf(number: number): string {
  return `n${number}`;
}

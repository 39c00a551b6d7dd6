import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";
import { onPath } from "../../peers/on-path.ts";
import { freePorts } from "../../processes/free-ports.ts";
import { type Fleet, MOST_KNOWN_MS } from "./fleet.ts";
import { setSerfTag } from "./serf-tags.ts";

/** What a row says where there is no serf. */
export const SERF_MISSING = "install serf (Debian: apt-get install serf)";

/** "2026/11/22 14:20:00 [INFO] serf: EventMemberFailed: n3 127.0.0.1" */
const EVENT = /\[INFO\] serf: (EventMember\w+): (\S+)/;
const START_MS = 20_000;

/** Real serf agents on loopback with serf's own timing for local networks. What one notices, it logs. */
export class SerfFleet implements Fleet {
  readonly #agents: readonly SerfAgent[];

  private constructor(agents: readonly SerfAgent[]) {
    this.#agents = agents;
  }

  /** Resolves when each knows every other one; undefined: serf is not installed. */
  static async start(size: number): Promise<SerfFleet | undefined> {
    const program = onPath("serf");
    if (program === undefined) return undefined;
    const ports = await freePorts(2 * size);
    const agents = Array.from(
      { length: size },
      (_, i) => new SerfAgent(program, `n${i}`, ports[2 * i]!, ports[2 * i + 1]!),
    );
    const fleet = new SerfFleet(agents);
    try {
      const joined = agents.map((_, i) => fleet.#seenByOthers(i, "EventMemberJoin"));
      for (const agent of agents) await agent.start(agents[0]!);
      await Promise.all(joined);
    } catch (failure) {
      await fleet.end();
      throw failure;
    }
    return fleet;
  }

  async change(member: number, round: number): Promise<number> {
    const known = this.#seenByOthers(member, "EventMemberUpdate");
    const began = performance.now();
    await setSerfTag(this.#agents[member]!.rpcPort, "round", `${round}`);
    return Math.max(...(await known)) - began;
  }

  async kill(member: number): Promise<number> {
    const agent = this.#agents[member]!;
    const noticed = this.#seenByOthers(member, "EventMemberFailed");
    const began = performance.now();
    await agent.kill();
    const took = Math.max(...(await noticed)) - began;
    const back = this.#seenByOthers(member, "EventMemberJoin");
    await agent.start(this.#agents[member === 0 ? 1 : 0]!);
    await back;
    return took;
  }

  async end(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.kill()));
  }

  #seenByOthers(member: number, event: string): Promise<number[]> {
    const { name } = this.#agents[member]!;
    const others = this.#agents.filter((_, i) => i !== member);
    return Promise.all(others.map((other) => other.sees(event, name)));
  }
}

class SerfAgent {
  readonly name: string;
  readonly #program: string;
  readonly #address: string;
  readonly rpcPort: number;
  readonly #events = new EventEmitter().setMaxListeners(0);
  #process: ChildProcess | undefined;

  constructor(program: string, name: string, port: number, rpcPort: number) {
    this.#program = program;
    this.name = name;
    this.#address = `127.0.0.1:${port}`;
    this.rpcPort = rpcPort;
  }

  /** Starts it, and has it join another one unless it is that itself. */
  async start(first: SerfAgent): Promise<void> {
    const join = first === this ? [] : [`-join=${first.#address}`];
    const process = spawn(
      this.#program,
      [
        "agent",
        `-node=${this.name}`,
        `-bind=${this.#address}`,
        `-rpc-addr=127.0.0.1:${this.rpcPort}`,
        ...join,
      ],
      { stdio: ["ignore", "pipe", "ignore"] },
    );
    this.#process = process;
    createInterface(process.stdout!).on("line", (line) => {
      const [, event, name] = EVENT.exec(line) ?? [];
      if (event !== undefined) this.#events.emit(`${event} ${name}`, performance.now());
    });
    await this.#once(`EventMemberJoin ${this.name}`, START_MS);
  }

  /** When it logs such an event of a member, in ms of `performance.now`. */
  sees(event: string, name: string): Promise<number> {
    return this.#once(`${event} ${name}`, MOST_KNOWN_MS);
  }

  async #once(event: string, withinMs: number): Promise<number> {
    const [at] = await once(this.#events, event, { signal: AbortSignal.timeout(withinMs) });
    return at as number;
  }

  async kill(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    if (process === undefined || process.exitCode !== null || process.signalCode !== null) return;
    const gone = once(process, "exit");
    process.kill("SIGKILL");
    await gone;
  }
}

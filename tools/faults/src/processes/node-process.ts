import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { connectToNode, type NodeConnection } from "@clawmatrix/client";
import { resolvePaths } from "@clawmatrix/config";
import { systemClock as clock, systemRandom as random } from "@clawmatrix/environment";
import type { MeshStatus, NodeStatus } from "@clawmatrix/protocol";
import { within } from "../within.ts";
import { startProgram } from "./program.ts";

const START_MS = 20_000;

/** One node: a home, and the process that runs in it. */
export class NodeProcess {
  readonly name: string;
  readonly home: string;
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #connection: NodeConnection | undefined;

  /** `env`: of its process, beside what this process has. */
  constructor(name: string, home: string, env: Readonly<Record<string, string>> = {}) {
    this.name = name;
    this.home = home;
    this.#env = env;
  }

  /** Starts `clawmatrix up`, and resolves when the node is ready. It ends with this process, however that ends. */
  async start(): Promise<void> {
    const log = openSync(`${this.home}/process.log`, "a", 0o600);
    const child = startProgram(this.home, ["up", "--with-parent"], ["ignore", log, log, "ipc"], this.#env);
    closeSync(log);
    this.#child = child;
    const [message] = await within(START_MS, `${this.name} starts`, once(child, "message"));
    if (!(message as { ready: boolean }).ready)
      throw new Error(`${this.name} did not start: ${JSON.stringify(message)}`);
  }

  /** Sends its process a signal: SIGSTOP, SIGCONT. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends its process as a power cut would. */
  async kill(): Promise<void> {
    await this.#connection?.close();
    this.#connection = undefined;
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  /** A connection to the node as its clients have; one, made when it is first wanted. */
  async connect(): Promise<NodeConnection> {
    const { socket } = resolvePaths({ CLAWMATRIX_HOME: this.home }, process.platform, homedir());
    this.#connection ??= await connectToNode({ socket, clock, random });
    return this.#connection;
  }

  /** Resolves with what this node knows of another one, as soon as that is as wanted. */
  async sees(name: string, what: string, wanted: (node: NodeStatus) => boolean, ms: number) {
    const over = new AbortController();
    let last: MeshStatus | undefined;
    const seen = async (): Promise<NodeStatus> => {
      const statuses = (await this.connect()).diagnostics().watchStatus({}, { signal: over.signal });
      for await (const { status } of statuses) {
        last = status;
        const node = status?.nodes.find((each) => each.name === name);
        if (node !== undefined && wanted(node)) return node;
      }
      throw new Error(`${this.name} stopped telling what it sees`);
    };
    const tell = () =>
      `It sees: ${last?.nodes.map((node) => `${node.name} reach ${node.reach} via ${node.viaName} ${node.why}`).join("; ")}`;
    try {
      return await within(ms, `${this.name} sees ${name} ${what}`, seen(), tell);
    } finally {
      over.abort();
    }
  }

  /** Memory that its process has in RAM, in bytes. Linux only; elsewhere 0. */
  async memoryBytes(): Promise<number> {
    if (process.platform !== "linux") return 0;
    const status = await readFile(`/proc/${this.#child?.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  }
}

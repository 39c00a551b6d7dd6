import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** How an agent is started. */
export interface AgentProgram {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
  readonly params?: { readonly update?: { readonly sessionUpdate?: string } };
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** Time that an agent has to leave, in milliseconds. */
const LEAVE_MS = 3_000;
const LINE_FEED = 0x0a;

/** An agent spoken to over its pipes by as little as does it: lines, each parsed once. What the figures are held against. */
export class StdioAgent {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #rest: Buffer = Buffer.alloc(0);
  #onUpdate: (kind: string) => void = () => undefined;

  constructor({ command, env, cwd }: AgentProgram) {
    const [program = "", ...args] = command;
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "ignore"],
    });
    this.#child = child;
    child.stdout?.on("data", (chunk: Buffer) => this.#read(chunk));
    child.once("error", (error) => this.#fail(error));
    child.once("exit", (code, signal) => this.#fail(new Error(`the agent ended with ${code ?? signal}`)));
  }

  async initialize(): Promise<void> {
    await this.#request("initialize", { protocolVersion: 1, clientCapabilities: {} });
  }

  async newSession(cwd: string): Promise<string> {
    const { sessionId } = (await this.#request("session/new", { cwd, mcpServers: [] })) as {
      sessionId: string;
    };
    return sessionId;
  }

  /** Resolves with the end of the turn. `onUpdate` hears the kind of each update meanwhile. */
  async prompt(sessionId: string, text: string, onUpdate: (kind: string) => void): Promise<void> {
    this.#onUpdate = onUpdate;
    await this.#request("session/prompt", { sessionId, prompt: [{ type: "text", text }] });
    this.#onUpdate = () => undefined;
  }

  /** Closes a session where the agent can; else it does nothing. */
  async closeSession(sessionId: string): Promise<void> {
    await this.#request("session/close", { sessionId }).catch(() => undefined);
  }

  /** Closes its input, which tells it to leave with all that it has started, and sees that it does. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.stdin?.end();
    const impatient = setTimeout(() => this.#child.kill("SIGKILL"), LEAVE_MS);
    await gone;
    clearTimeout(impatient);
  }

  #request(method: string, params: unknown): Promise<unknown> {
    const id = ++this.#lastId;
    this.#child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }));
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(LINE_FEED, start);
      if (end < 0) break;
      if (end > start) this.#take(JSON.parse(bytes.toString("utf8", start, end)) as Message);
      start = end + 1;
    }
    this.#rest = bytes.subarray(start);
  }

  #take({ id, method, params, result, error }: Message): void {
    if (method === "session/update") return this.#onUpdate(params?.update?.sessionUpdate ?? "");
    if (method !== undefined || typeof id !== "number") return;
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(new Error(`the agent refused: ${error.message}`));
  }

  #fail(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

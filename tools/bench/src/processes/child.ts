import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** How long a child process may take for one request before the benchmark gives up, in milliseconds. */
const REQUEST_TIMEOUT_MS = 120_000;

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** A process of a benchmark: a module that calls `serve`, asked over IPC. */
export class Child {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #requests = 0;

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.on("message", (answer: Answer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    process.once("exit", (code, signal) => {
      for (const [id, settle] of this.#waiting) settle({ id, error: `it ended with ${code ?? signal}` });
      this.#waiting.clear();
    });
  }

  /** Starts `module`, a path; what it prints goes to this process's standard error. */
  static start(module: string, nodeOptions: readonly string[] = []): Child {
    const child = spawn(process.execPath, [...nodeOptions, module], {
      stdio: ["ignore", 2, 2, "ipc"],
      serialization: "advanced",
    });
    return new Child(child);
  }

  /** Asks one of its handlers. Rejects with what that threw, or where it does not answer. */
  request<Result>(handler: string, value?: unknown): Promise<Result> {
    const id = ++this.#requests;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => settle({ id, error: `no answer within ${REQUEST_TIMEOUT_MS / 1000} s` }),
        REQUEST_TIMEOUT_MS,
      );
      const settle = ({ value: result, error }: Answer): void => {
        clearTimeout(timer);
        if (error === undefined) resolve(result as Result);
        else reject(new Error(`a benchmark's process could not ${handler}: ${error}`));
      };
      this.#waiting.set(id, settle);
      this.#process.send({ id, handler, value });
    });
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, "exit");
    if (this.#process.connected) this.#process.disconnect();
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), 5_000);
    await gone;
    clearTimeout(timer);
  }
}

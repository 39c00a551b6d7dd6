import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: Readonly<Record<string, unknown>>;
}

/** An editor that writes and reads lines as they are. */
export class RawEditor {
  /** Every line of the agent, in order. */
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();

  constructor(child: ChildProcess) {
    this.#child = child;
    createInterface({ input: child.stdout! }).on("line", (line) => {
      this.lines.push(line);
      for (const listener of [...this.#listeners]) listener();
    });
  }

  write(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /** Sends a request; gives the line of its answer. */
  async call(id: number, method: string, params: string): Promise<string> {
    this.write(`{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`);
    return await this.line((message) => message.id === id && message.method === undefined);
  }

  /** The first line like this, now or as soon as it comes. */
  async line(like: (message: Message) => boolean): Promise<string> {
    for (;;) {
      const found = this.lines.find((line) => like(JSON.parse(line) as Message));
      if (found !== undefined) return found;
      await new Promise<void>((settle) => {
        const listener = (): void => {
          this.#listeners.delete(listener);
          settle();
        };
        this.#listeners.add(listener);
      });
    }
  }

  async leave(): Promise<number | null> {
    this.#child.stdin!.end();
    return (await once(this.#child, "exit"))[0] as number | null;
  }
}

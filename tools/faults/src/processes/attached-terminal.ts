import type { ChildProcess } from "node:child_process";
import { within } from "../within.ts";
import type { NodeProcess } from "./node-process.ts";
import { startProgram } from "./program.ts";

/** A line of `session attach --json`. */
export interface AttachedLine {
  readonly type: string;
  readonly seq?: number;
  readonly reason?: string;
  readonly update?: { readonly content?: { readonly text?: string } };
}

/** `clawmatrix session attach ID --json`, as long as it runs. */
export class AttachedTerminal {
  /** All that it has printed, but for the first line. */
  readonly events: AttachedLine[] = [];
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  #stderr = "";

  constructor(node: NodeProcess, session: string) {
    const child = startProgram(
      node.home,
      ["session", "attach", session, "--json"],
      ["ignore", "pipe", "pipe"],
    );
    this.#child = child;
    let rest = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const value = JSON.parse(line) as AttachedLine;
        if (value.type !== "session") this.events.push(value);
      }
      for (const look of [...this.#waiting]) look();
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
  }

  /** Resolves when it has printed so many lines of this type. */
  async shows(type: string, count: number, ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      if (this.events.filter((event) => event.type === type).length >= count) resolve();
    };
    this.#waiting.add(look);
    look();
    const seen = () =>
      `${this.events.length} lines, the last ${JSON.stringify(this.events.at(-1))}, exit code ${this.#child.exitCode}, standard error: ${this.#stderr}`;
    await within(ms, `an attached terminal shows ${count} × ${type}`, promise, seen).finally(() =>
      this.#waiting.delete(look),
    );
  }

  end(): void {
    this.#child.kill("SIGKILL");
  }
}

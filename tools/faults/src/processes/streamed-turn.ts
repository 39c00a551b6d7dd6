import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { within } from "../within.ts";
import type { NodeProcess } from "./node-process.ts";
import { startProgram } from "./program.ts";

/** How a turn ended, as the command line tells it. */
export interface TurnResult {
  readonly code: number | null;
  /** The last line. */
  readonly last: { readonly type: string; readonly code?: string; readonly message?: string };
}

/** `clawmatrix session prompt ID "slow N" --json` while it runs. */
export class StreamedTurn {
  readonly #child: ChildProcess;
  readonly #pieces: number;
  /** What the agent wrote, put together. */
  #text = "";
  #count = 0;
  #lastSeq = 0;
  #lastAt = performance.now();
  #longestGapMs = 0;
  #stderr = "";
  #last: TurnResult["last"] = { type: "nothing" };
  #disorder: string | undefined;
  readonly #waiting = new Set<() => void>();
  readonly #ended: Promise<TurnResult>;

  constructor(node: NodeProcess, session: string, pieces: number) {
    this.#pieces = pieces;
    const args = ["session", "prompt", session, `slow ${pieces}`, "--json"];
    const child = startProgram(node.home, args, ["ignore", "pipe", "pipe"]);
    this.#child = child;
    let rest = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#line(line);
      this.#wake();
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
      this.#wake();
    });
    this.#ended = once(child, "close").then(([code]) => ({ code: code as number | null, last: this.#last }));
    void this.#ended.then(() => this.#wake());
  }

  /** The longest time between two updates so far, in ms. */
  get longestGapMs(): number {
    return Math.round(this.#longestGapMs);
  }

  /** Updates that have arrived. */
  get count(): number {
    return this.#count;
  }

  /** What it has written to standard error. */
  get notes(): string {
    return this.#stderr;
  }

  /** Resolves when so many updates have arrived. */
  received(count: number, ms: number): Promise<void> {
    return this.#until(ms, `${count} updates arrive`, () => this.#count >= count);
  }

  /** Resolves when it has written this to standard error, behind the first `from` characters. */
  noted(text: string, ms: number, from = 0): Promise<void> {
    return this.#until(ms, `it says "${text}"`, () => this.#stderr.includes(text, from));
  }

  /** How it ended. */
  result(ms: number): Promise<TurnResult> {
    return within(ms, "the turn ends", this.#ended, () => this.#state());
  }

  /** What is wrong with what arrived; undefined: every piece once, in order, and an end. */
  get fault(): string | undefined {
    const expected = `${Array.from({ length: this.#pieces }, (_, at) => at + 1).join(" ")}\n`;
    if (this.#disorder !== undefined) return this.#disorder;
    if (this.#text !== expected) return `${this.#state()} It ends with "${this.#text.slice(-40)}".`;
    return this.#last.type === "end" ? undefined : `its last line is ${JSON.stringify(this.#last)}`;
  }

  end(): void {
    this.#child.kill("SIGKILL");
  }

  #line(line: string): void {
    const now = performance.now();
    const value = JSON.parse(line) as TurnResult["last"] & {
      seq?: number;
      update?: { sessionUpdate: string; content?: { text?: string } };
    };
    this.#last = value;
    if (value.type !== "update") return;
    const { seq = 0, update } = value;
    if (seq <= this.#lastSeq) this.#disorder ??= `update ${seq} came after ${this.#lastSeq}`;
    this.#lastSeq = seq;
    if (update?.sessionUpdate !== "agent_message_chunk") return;
    if (this.#count > 0) this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#lastAt);
    this.#lastAt = now;
    this.#count++;
    this.#text += update.content?.text ?? "";
  }

  #until(ms: number, what: string, condition: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (condition()) resolve();
      else if (this.#child.exitCode !== null) reject(new Error(`${what}: it ended first. ${this.#state()}`));
    };
    this.#waiting.add(look);
    look();
    return within(ms, what, promise, () => this.#state()).finally(() => this.#waiting.delete(look));
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }

  #state(): string {
    return `${this.#count} of ${this.#pieces} updates arrived, last line ${JSON.stringify(this.#last).slice(0, 200)}, standard error: ${this.#stderr}`;
  }
}

import { PassThrough, Writable } from "node:stream";
import type { ReadStream, WriteStream } from "node:tty";
import headless from "@xterm/headless";

export interface TestTerminalOptions {
  /** Default: 120. */
  readonly columns?: number;
  /** Default: 30. */
  readonly rows?: number;
}

/** How long a screen may take to show what is waited for. */
const WAIT_MS = 5_000;

/** A terminal without a window: what is written to it is rebuilt into a screen by an emulator, as a person would see it. */
export class TestTerminal {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  /** Everything that was written, as it came. */
  written = "";
  readonly #emulator: headless.Terminal;
  readonly #input = new PassThrough();
  readonly #watchers = new Set<() => void>();

  constructor({ columns = 120, rows = 30 }: TestTerminalOptions = {}) {
    this.#emulator = new headless.Terminal({
      cols: columns,
      rows,
      allowProposedApi: true,
      scrollback: 0,
      convertEol: true,
    });
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.written += chunk.toString();
        this.#emulator.write(chunk, () => {
          for (const watcher of this.#watchers) watcher();
          done();
        });
      },
    });
    this.stdout = Object.assign(output, { isTTY: true, columns, rows }) as unknown as WriteStream;
    this.stdin = Object.assign(this.#input, {
      isTTY: true,
      isRaw: false,
      setRawMode(raw: boolean) {
        this.isRaw = raw;
        return this;
      },
      ref() {
        return this;
      },
      unref() {
        return this;
      },
    }) as unknown as ReadStream;
  }

  /** Sends one chunk of input, as a terminal would. */
  send(input: string): void {
    this.#input.write(input);
  }

  resize(columns: number, rows: number): void {
    this.#emulator.resize(columns, rows);
    Object.assign(this.stdout, { columns, rows });
    this.stdout.emit("resize");
  }

  /** The screen as text, without blanks at the ends of lines. */
  screen(): string {
    const { active } = this.#emulator.buffer;
    const lines = Array.from(
      { length: this.#emulator.rows },
      (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? "",
    );
    return lines.join("\n");
  }

  /** Whether the program has the alternate screen. */
  get alternate(): boolean {
    return this.#emulator.buffer.active.type === "alternate";
  }

  get cursor(): { readonly x: number; readonly y: number } {
    const { cursorX, cursorY } = this.#emulator.buffer.active;
    return { x: cursorX, y: cursorY };
  }

  /** The foreground colour of the first character of `text` on the screen, from the palette of 16; -1: the terminal's own. */
  colorOf(text: string): number {
    const rows = this.screen().split("\n");
    const row = rows.findIndex((line) => line.includes(text));
    const { active } = this.#emulator.buffer;
    const cell = active.getLine(active.viewportY + row)?.getCell(rows[row]?.indexOf(text) ?? 0);
    return cell === undefined || cell.isFgDefault() ? -1 : cell.getFgColor();
  }

  /** Resolves with the screen once `shown` is on it (or holds). Rejects with the screen after five seconds. */
  async until(shown: string | RegExp | ((screen: string) => boolean)): Promise<string> {
    const holds = (screen: string) =>
      typeof shown === "string"
        ? screen.includes(shown)
        : shown instanceof RegExp
          ? shown.test(screen)
          : shown(screen);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const check = () => {
      const screen = this.screen();
      if (holds(screen)) resolve(screen);
    };
    this.#watchers.add(check);
    const deadline = setTimeout(
      () => reject(new Error(`not on the screen after ${WAIT_MS} ms: ${String(shown)}\n${this.screen()}`)),
      WAIT_MS,
    );
    check();
    try {
      return await promise;
    } finally {
      clearTimeout(deadline);
      this.#watchers.delete(check);
    }
  }

  dispose(): void {
    this.#emulator.dispose();
  }
}

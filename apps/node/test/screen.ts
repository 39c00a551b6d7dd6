import { join } from "node:path";
import { spawn } from "@lydell/node-pty";
import headless from "@xterm/headless";

/** The built program, as in homes.ts. */
export const MAIN = process.env.CLAWMATRIX_TEST_MAIN ?? join(import.meta.dirname, "..", "dist", "main.js");
export const COLUMNS = 120;
export const ROWS = 34;
/** How long the screen may take to show what is waited for, in milliseconds. */
const WAIT_MS = 15_000;

/** The program on a terminal of its own, whose screen an emulator rebuilds as a person would see it. */
export interface Screen extends AsyncDisposable {
  /** What has ended: its exit code. */
  readonly ended: Promise<number>;
  /** Presses keys. */
  send(keys: string): void;
  /** Resolves with the screen once it matches; rejects with it when it does not in time. */
  until(shown: RegExp): Promise<string>;
}

export function openScreen(args: string[], env: NodeJS.ProcessEnv): Screen {
  const emulator = new headless.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
  const terminal = spawn(process.execPath, [MAIN, ...args], {
    cols: COLUMNS,
    rows: ROWS,
    env: { ...env, TERM: "xterm-256color" },
  });
  const watchers = new Set<() => void>();
  terminal.onData((data) => {
    emulator.write(data, () => {
      for (const watcher of [...watchers]) watcher();
    });
  });
  const screen = (): string => {
    const { active } = emulator.buffer;
    return Array.from(
      { length: ROWS },
      (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? "",
    ).join("\n");
  };
  const ended = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
  return {
    ended,
    async [Symbol.asyncDispose]() {
      // Where the test failed it is still there: it stops its nodes itself.
      terminal.kill("SIGTERM");
      await ended;
      emulator.dispose();
    },
    send: (keys) => terminal.write(keys),
    until: (shown) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!shown.test(screen())) return;
          clearTimeout(deadline);
          watchers.delete(look);
          resolve(screen());
        };
        const deadline = setTimeout(() => {
          watchers.delete(look);
          reject(new Error(`not on the screen within ${WAIT_MS / 1_000} s: ${shown}\n${screen()}`));
        }, WAIT_MS);
        watchers.add(look);
        look();
      }),
  };
}

import { systemClock } from "@clawmatrix/environment";
import { openTui, type TuiOptions } from "../open-tui.ts";
import { FakeMesh } from "./fake-mesh.ts";
import { TestTerminal, type TestTerminalOptions } from "./test-terminal.ts";

export interface OpenTestTuiOptions extends TestTerminalOptions {
  readonly mesh?: FakeMesh;
  /** Default: colours off. */
  readonly env?: Record<string, string>;
  readonly firstSession?: TuiOptions["firstSession"];
}

/** The terminal UI on a test terminal, over a mesh in memory. */
export interface TestTui extends AsyncDisposable {
  readonly terminal: TestTerminal;
  readonly mesh: FakeMesh;
  /** Resolves with the exit code. */
  readonly ended: Promise<number>;
  /** Aborts the signal that the program gave. */
  interrupt(): void;
}

export function openTestTui({
  mesh = new FakeMesh(),
  env = { NO_COLOR: "1" },
  firstSession,
  ...size
}: OpenTestTuiOptions = {}): TestTui {
  const terminal = new TestTerminal(size);
  const stop = new AbortController();
  const { stdin, stdout } = terminal;
  const ended = openTui({
    connect: mesh.connect,
    stdin,
    stdout,
    stderr: stdout,
    clock: systemClock,
    env: { HOME: "/home/me", ...env },
    signal: stop.signal,
    ...(firstSession && { firstSession }),
  });
  // A test that ends it itself awaits it; the others only let it end.
  ended.catch(() => undefined);
  return {
    terminal,
    mesh,
    ended,
    interrupt: () => stop.abort(),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
      terminal.dispose();
    },
  };
}

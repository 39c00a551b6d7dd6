import type { ReadStream, WriteStream } from "node:tty";
import type { Clock } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { render } from "ink";
import { App } from "./components/app.tsx";
import type { Surroundings } from "./control/handlers.ts";
import { MeshScreen } from "./data/mesh-screen.ts";
import type { NodeLink } from "./data/node-link.ts";
import { TranscriptWindow } from "./layout/window.ts";
import { createPainter } from "./look/tones.ts";
import { initialScreen } from "./state/screen.ts";
import { Store } from "./state/store.ts";

/** Pictures a second at most: what a key does is seen within 17 ms. */
const MAX_FPS = 60;
/** What a program that was interrupted ends with. */
const EXIT_INTERRUPTED = 130;
/** Terminals that do not say how large they are. */
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

export interface TuiOptions {
  /** Makes a connection to the local node; called again whenever it was lost. */
  readonly connect: () => Promise<NodeLink>;
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly stderr: WriteStream;
  readonly clock: Clock;
  /** HOME, NO_COLOR and TERM are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Closes the terminal UI when aborted: by SIGTERM, say. */
  readonly signal?: AbortSignal;
}

/**
 * Runs the terminal UI until the person leaves. Resolves with the exit code: 0, or 130 when `signal` ended it. However it ends,
 * the terminal is as it was before.
 * @throws StatusError FAILED_PRECONDITION "no-terminal" where input or output is no terminal.
 */
export async function openTui(options: TuiOptions): Promise<number> {
  const { connect, stdin, stdout, stderr, clock, env, signal } = options;
  if (!stdin.isTTY || !stdout.isTTY) {
    throw new StatusError(StatusCode.FAILED_PRECONDITION, "the terminal UI needs a terminal", {
      reason: "no-terminal",
      hint: "Run it in one, without redirecting input or output. For scripts: `clawmatrix run`, `clawmatrix session --help`.",
    });
  }
  const columns = stdout.columns || DEFAULT_COLUMNS;
  const rows = stdout.rows || DEFAULT_ROWS;
  const store = new Store(initialScreen({ nowMs: clock.now(), columns, rows, home: env.HOME ?? "" }), {
    clock,
  });
  const mesh = new MeshScreen({ store, connect, clock });
  const left = Promise.withResolvers<number>();
  const surroundings: Surroundings = {
    store,
    actions: mesh.actions,
    window: new TranscriptWindow(),
    quit: () => left.resolve(0),
    redraw: () => {
      app.clear();
      store.update((state) => ({ ...state, nowMs: clock.now() }));
    },
  };
  const app = render(<App surroundings={surroundings} painter={createPainter(env)} />, {
    stdin,
    stdout,
    stderr,
    exitOnCtrlC: false,
    interactive: true,
    alternateScreen: true,
    incrementalRendering: true,
    // Nothing of ours writes to the console.
    patchConsole: false,
    maxFps: MAX_FPS,
  });
  const interrupt = () => left.resolve(EXIT_INTERRUPTED);
  signal?.addEventListener("abort", interrupt);
  if (signal?.aborted === true) interrupt();
  mesh.start();
  // Ink's own end is a fault in drawing, or the process's exit.
  app.waitUntilExit().then(() => left.resolve(0), left.reject);
  try {
    return await left.promise;
  } finally {
    signal?.removeEventListener("abort", interrupt);
    app.unmount();
    store.close();
    await mesh.stop();
  }
}

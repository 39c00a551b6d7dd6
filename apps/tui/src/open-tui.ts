import type { ReadStream, WriteStream } from "node:tty";
import type { Clock } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import type { MountedScreen, MountOptions } from "./components/mount.tsx";
import { MeshScreen } from "./data/mesh-screen.ts";
import type { NodeLink } from "./data/node-link.ts";
import { pause } from "./data/pause.ts";
import type { NewSessionRequest } from "./data/session-actions.ts";
import { FirstPicture } from "./first-picture.ts";
import { layoutPicture, type TranscriptLines } from "./layout/picture.ts";
import { createPainter } from "./look/tones.ts";
import { initialScreen, type ScreenState } from "./state/screen.ts";
import { Store } from "./state/store.ts";

/** What a program that was interrupted ends with. */
const EXIT_INTERRUPTED = 130;
/** Terminals that do not say how large they are. */
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;
/** In the first picture nothing of a session is there yet. */
const NO_TRANSCRIPT: TranscriptLines = { lines: () => [] };
/** How long the first picture waits for the local node, in milliseconds; then it says what it waits for. */
const FIRST_PICTURE_MS = 150;

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
  /** Paragraphs that are shown where nothing else is, and in the help. Default: none. */
  readonly notice?: readonly string[];
  /** A session that is opened and shown at once. Default: none, the list has the keys. */
  readonly firstSession?: NewSessionRequest;
}

/**
 * Runs the terminal UI until the person leaves. Resolves with the exit code: 0, or 130 when `signal` ended it. However it ends,
 * the terminal is as it was before.
 * @throws StatusError FAILED_PRECONDITION "no-terminal" where input or output is no terminal.
 */
export async function openTui(options: TuiOptions): Promise<number> {
  const { connect, stdin, stdout, stderr, clock, env, signal, notice = [], firstSession } = options;
  if (!stdin.isTTY || !stdout.isTTY) {
    throw new StatusError(StatusCode.FAILED_PRECONDITION, "the terminal UI needs a terminal", {
      reason: "no-terminal",
      hint: "Run it in one, without redirecting input or output. For scripts: `clawmatrix run`, `clawmatrix session --help`.",
    });
  }
  const columns = stdout.columns || DEFAULT_COLUMNS;
  const rows = stdout.rows || DEFAULT_ROWS;
  const store = new Store(
    initialScreen({ nowMs: clock.now(), columns, rows, home: env.HOME ?? "", notice }),
    {
      clock,
    },
  );
  const mesh = new MeshScreen({ store, connect, clock });
  const left = Promise.withResolvers<number>();
  let mounted: MountedScreen | undefined;
  const surroundings: MountOptions["surroundings"] = {
    store,
    actions: mesh.actions,
    quit: () => left.resolve(0),
    redraw: () => {
      mounted?.clear();
      store.update((state) => ({ ...state, nowMs: clock.now() }));
    },
  };
  const interrupt = () => left.resolve(EXIT_INTERRUPTED);
  signal?.addEventListener("abort", interrupt);
  if (signal?.aborted === true) interrupt();
  const painter = createPainter(env);
  const firstPicture = new FirstPicture({ stdin, stdout, painter });
  mesh.start();
  if (firstSession !== undefined) mesh.actions.create(firstSession);
  try {
    await settled(store, clock);
    firstPicture.draw(layoutPicture(store.state, NO_TRANSCRIPT));
    const { mountScreen } = await import("./components/mount.tsx");
    mounted = mountScreen({ surroundings, painter, stdin, stdout, stderr });
    firstPicture.handOver();
    // Ink's own end is a fault in drawing, or the process's exit.
    mounted.ended.then(() => left.resolve(0), left.reject);
    return await left.promise;
  } finally {
    signal?.removeEventListener("abort", interrupt);
    firstPicture.restore();
    mounted?.unmount();
    store.close();
    await mesh.stop();
  }
}

/** Resolves once the local node has said how the mesh is, or that it is not there; or has said nothing for a while. */
async function settled(store: Store<ScreenState>, clock: Clock): Promise<void> {
  const enough = new AbortController();
  const unsubscribe = store.subscribe(() => {
    if (store.state.connection.phase !== "connecting") enough.abort();
  });
  await pause(clock, FIRST_PICTURE_MS, enough.signal);
  unsubscribe();
}

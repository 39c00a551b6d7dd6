import type { ReadStream, WriteStream } from "node:tty";
import { render } from "ink";
import type { Surroundings } from "../control/handlers.ts";
import { TranscriptWindow } from "../layout/window.ts";
import type { Painter } from "../look/tones.ts";
import { App } from "./app.tsx";

/** No bound of Ink's own: the store settles how often is drawn, and what a key does is drawn at once. */
const MAX_FPS = 1_000;

export interface MountOptions {
  /** What commands act on, but for the transcript's window: Markdown and diffs are loaded with the drawing. */
  readonly surroundings: Omit<Surroundings, "window">;
  readonly painter: Painter;
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly stderr: WriteStream;
}

/** The screen as Ink draws it. */
export interface MountedScreen {
  /** Resolves when the process ends, rejects at a fault in drawing. */
  readonly ended: Promise<unknown>;
  /** The next picture is drawn whole. */
  clear(): void;
  /** Gives the terminal back as it was. */
  unmount(): void;
}

/** Draws the screen with Ink from now on, and takes its keys. */
export function mountScreen({ surroundings, painter, stdin, stdout, stderr }: MountOptions): MountedScreen {
  const window = new TranscriptWindow();
  const app = render(<App surroundings={{ ...surroundings, window }} painter={painter} />, {
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
  return { ended: app.waitUntilExit(), clear: app.clear, unmount: app.unmount };
}

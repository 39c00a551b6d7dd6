import { readFileSync } from "node:fs";
import { spawn } from "@lydell/node-pty";
import { LOADED } from "./updates.ts";

const COLUMNS = 120;
const ROWS = 34;
const KEYS = 300;
/** Between two keys, in milliseconds: a fast typist, never in step with the frames. */
const SHORTEST_PAUSE_MS = 20;
const PAUSES_MS = 60;
/** Letters of one column each, of which the transcript has none. */
const FIRST_LETTER = 0xc0;
/** Keys after which the prompt is emptied, so that it stays on one line. */
const KEYS_IN_PROMPT = 40;
const CTRL_U = "\u0015";
/** How long a program may take to take in what is there before, in milliseconds. */
const LOAD_DEADLINE_MS = 300_000;
/** A key that is not seen after so many milliseconds counts as long, and no further one is typed. */
const LONGEST_LATENCY_MS = 5_000;

export interface Typing {
  /** Milliseconds from each key until the terminal was told of it. */
  readonly latencies: readonly number[];
  /** Resident memory at the end. */
  readonly bytes: number;
}

/** Types into a program on a terminal while lines come in. */
export async function typeInto(file: string): Promise<Typing> {
  const terminal = spawn(process.execPath, [file], {
    cols: COLUMNS,
    rows: ROWS,
    env: { ...process.env, TERM: "xterm-256color", CI: "false", NO_COLOR: "1" },
  });
  let waiting: { readonly text: string; readonly found: () => void } | undefined;
  let tail = "";
  terminal.onData((data) => {
    // A letter and its row may be cut in two.
    const seen = tail + data;
    tail = data.slice(-COLUMNS);
    if (waiting === undefined || !seen.includes(waiting.text)) return;
    const { found } = waiting;
    waiting = undefined;
    found();
  });
  /** Whether `text` was written within so many milliseconds. */
  const shown = (text: string, withinMs: number) =>
    new Promise<boolean>((resolve) => {
      const deadline = setTimeout(() => resolve(false), withinMs);
      waiting = {
        text,
        found: () => {
          clearTimeout(deadline);
          resolve(true);
        },
      };
    });
  const ended = new Promise((resolve) => terminal.onExit(resolve));
  try {
    if (!(await shown(LOADED, LOAD_DEADLINE_MS))) throw new Error(`${file} did not take in the lines`);
    const latencies: number[] = [];
    for (let key = 0; key < KEYS; key++) {
      await new Promise((resolve) => setTimeout(resolve, SHORTEST_PAUSE_MS + ((key * 37) % PAUSES_MS)));
      if (key % KEYS_IN_PROMPT === 0) terminal.write(CTRL_U);
      const letter = String.fromCodePoint(FIRST_LETTER + key);
      const seen = shown(letter, LONGEST_LATENCY_MS);
      const pressedAt = performance.now();
      terminal.write(letter);
      const inTime = await seen;
      latencies.push(performance.now() - pressedAt);
      if (!inTime) break;
    }
    return { latencies, bytes: residentBytes(terminal.pid) };
  } finally {
    terminal.kill("SIGKILL");
    await ended;
  }
}

function residentBytes(pid: number): number {
  const kibibytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kibibytes) * 1024;
}

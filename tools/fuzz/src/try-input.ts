import { StatusCode, StatusError } from "@clawmatrix/protocol";
import type { FuzzTarget } from "./target.ts";

/** What is wrong with how an input was read. */
export interface Finding {
  readonly what: string;
  readonly input: Uint8Array;
}

/** No input may cost more, in ms. What takes longer is tried again: a busy machine is no finding. */
const MOST_MS = 200;
const TRIES = 3;
/** What one input may leave in memory, in bytes, its largest bounds included. */
const MOST_BYTES = 128 * 2 ** 20;

/** Lets a target read one input, and holds it to the law: a typed answer, bounded time, bounded memory. */
export async function tryInput(target: FuzzTarget, input: Uint8Array): Promise<Finding | undefined> {
  let fastest = Number.POSITIVE_INFINITY;
  const memory = process.memoryUsage.rss();
  for (let left = TRIES; left > 0 && fastest > MOST_MS; left--) {
    const start = performance.now();
    try {
      // A copy: what keeps a view of its input, or writes to it, must not change the next one.
      const ran = target.run(Uint8Array.from(input));
      if (ran !== undefined) await ran;
    } catch (thrown) {
      const what = faultOf(thrown);
      if (what !== undefined) return { what, input };
    }
    fastest = Math.min(fastest, performance.now() - start);
  }
  if (fastest > MOST_MS) return { what: `it took ${Math.round(fastest)} ms, each time`, input };
  const grown = process.memoryUsage.rss() - memory;
  return grown > MOST_BYTES ? { what: `it took ${grown >> 20} MiB of memory`, input } : undefined;
}

/** What is wrong with an error; undefined: it is a proper answer. */
function faultOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof StatusError)) {
    return `it threw ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`;
  }
  if (thrown.code === StatusCode.INTERNAL) return `it answered INTERNAL: ${thrown.stack}`;
  return thrown.message === "" ? "its error says nothing" : undefined;
}

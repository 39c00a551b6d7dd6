import { seededRandom } from "@clawmatrix/environment";
import { nextInput } from "./change-input.ts";
import type { MakeTarget } from "./target.ts";
import { type Finding, tryInput } from "./try-input.ts";

export interface FuzzOptions {
  /** The same seed makes the same inputs. */
  readonly seed: number;
  /** Ends after so many ms. Default: when `inputs` are tried. */
  readonly ms?: number;
  /** Ends after so many inputs. Default: when `ms` are over. */
  readonly inputs?: number;
  /** Told before each input, so that it is known even where the process does not survive it. */
  readonly onInput?: (input: Uint8Array) => void;
}

/** Tries inputs on a target until one is a finding, or time or inputs are used up. */
export async function fuzz(
  make: MakeTarget,
  options: FuzzOptions,
): Promise<{ readonly tried: number; readonly finding: Finding | undefined }> {
  const random = seededRandom(options.seed);
  const target = await make(random);
  const end = performance.now() + (options.ms ?? Number.POSITIVE_INFINITY);
  let tried = 0;
  try {
    while (tried < (options.inputs ?? Number.POSITIVE_INFINITY) && performance.now() < end) {
      const input = nextInput(target.seeds, random);
      options.onInput?.(input);
      const finding = await tryInput(target, input);
      tried++;
      if (finding !== undefined) return { tried, finding };
    }
    return { tried, finding: undefined };
  } finally {
    await target.close?.();
  }
}

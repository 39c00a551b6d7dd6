import type { Random } from "@clawmatrix/environment";
import { readFrames } from "@clawmatrix/mesh";
import type { FuzzTarget } from "../target.ts";

/** The frames of a segment. Each must lie inside its bytes, behind the one before it. */
export function frames(random: Random): FuzzTarget {
  return {
    seeds: [
      Uint8Array.of(0, 61, 2, 1, 3, 1, 2, 3, 0, 62, 2, 1, 0),
      Uint8Array.of(0, 200, 2, 0x81, 0x01, 0x80, 0x01, ...random.bytes(128)),
      Uint8Array.of(0, 1, 10, 3, 0),
    ],
    run(input) {
      let before = 0;
      readFrames(input, 0, (_type, _flags, call, _bytes, start, end) => {
        if (start < before || end < start || end > input.length)
          throw new Error(`a frame from ${start} to ${end}`);
        if (!Number.isSafeInteger(call)) throw new Error(`call ${call}`);
        before = end;
      });
    },
  };
}

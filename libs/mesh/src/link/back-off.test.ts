import { seededRandom } from "@clawmatrix/environment";
import { CloseCode } from "@clawmatrix/protocol";
import { describe, expect, it } from "vitest";
import { BackOff } from "./back-off.ts";

const BROKEN = 1006;

/** Many delays of the n-th failure in a row. */
function delays(failure: number, code: number): number[] {
  return Array.from({ length: 500 }, (_, seed) => {
    const backOff = new BackOff(seededRandom(seed));
    for (let i = 1; i < failure; i++) backOff.delayMs(BROKEN);
    return backOff.delayMs(code);
  });
}

describe("back-off", () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [4, 8_000],
    [7, 60_000],
    [100, 60_000],
  ])("after failure %i is anything up to %i ms", (failure, bound) => {
    const all = delays(failure, BROKEN);
    expect(Math.max(...all)).toBeLessThanOrEqual(bound);
    expect(Math.max(...all)).toBeGreaterThan(bound * 0.9);
    expect(Math.min(...all)).toBeLessThan(bound * 0.1);
  });

  it.each([CloseCode.VERSION, CloseCode.SELF, CloseCode.REVOKED])(
    "is slow, and still ends, after code %i",
    (code) => {
      for (const delay of delays(3, code)) expect(Math.abs(delay - 300_000)).toBeLessThanOrEqual(30_000);
    },
  );

  it("takes two failed handshakes in a row for damage, and a third for another mesh secret", () => {
    const backOff = new BackOff(seededRandom(1));
    const failed = () => backOff.delayMs(CloseCode.HANDSHAKE_FAILED);
    expect(Math.max(failed(), failed())).toBeLessThanOrEqual(2_000);
    expect(failed()).toBeGreaterThanOrEqual(270_000);
    backOff.delayMs(BROKEN);
    expect(failed()).toBeLessThanOrEqual(60_000);
  });

  it("begins anew after a node has stopped, and is none where a link is only renewed", () => {
    expect(Math.max(...delays(9, CloseCode.STOPPING))).toBeLessThanOrEqual(1_000);
    expect(delays(9, CloseCode.RENEW)).toEqual(new Array(500).fill(0));
  });
});

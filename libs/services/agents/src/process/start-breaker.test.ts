import { VirtualClock } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import { FAILURES_TO_OPEN, FIRST_PAUSE_MS, LONGEST_PAUSE_MS, StartBreaker } from "./start-breaker.ts";

const FAILURE = new StatusError(StatusCode.UNAVAILABLE, "no\nkey");

test("each failure doubles the pause, up to the longest; from the third on callers are refused until it is over", async () => {
  const clock = new VirtualClock();
  const breaker = new StartBreaker("coder", clock);
  for (let failures = 1; failures <= 12; failures++) {
    breaker.failed(FAILURE);
    expect(breaker.pauseMs).toBe(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)));
    if (failures < FAILURES_TO_OPEN) expect(() => breaker.requireClosed()).not.toThrow();
    else expect(() => breaker.requireClosed()).toThrow(/tried again in \d+ s.*no\nkey/s);
    await clock.advance(breaker.pauseMs);
    expect(() => breaker.requireClosed()).not.toThrow();
    expect(breaker.why).toBe("no key");
  }
});

test("what is shown of a failure stays the same until it is tried again", async () => {
  const clock = new VirtualClock();
  const breaker = new StartBreaker("coder", clock);
  for (let i = 0; i < FAILURES_TO_OPEN; i++) breaker.failed(FAILURE);
  const shown = breaker.why;
  expect(shown).toMatch(/^failed 3 times, tried again at .*Z: no key$/);
  await clock.advance(breaker.pauseMs / 2 + 0.3);
  expect(breaker.why).toBe(shown);
});

test("a session that was opened makes up for all failures, a start alone does not", () => {
  const breaker = new StartBreaker("coder", new VirtualClock());
  for (let i = 0; i < FAILURES_TO_OPEN; i++) breaker.failed(FAILURE);
  breaker.started();
  expect(breaker.why).toBeUndefined();
  breaker.failed(FAILURE);
  expect(() => breaker.requireClosed()).toThrow(/failed 4 times/);
  breaker.reset();
  expect([breaker.pauseMs, breaker.why]).toEqual([0, undefined]);
});

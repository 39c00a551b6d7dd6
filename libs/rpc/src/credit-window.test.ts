import { CallLimit } from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import { CreditWindow } from "./credit-window.ts";
import { ByteBudget } from "./reader-budget.ts";

const FIRST = CallLimit.INITIAL_CREDIT_BYTES;

/** Consumes what was granted, as long as `rounds` says; returns how far the writer may be ahead in the end. */
function consume(window: CreditWindow, granted: number[], rounds: number, waits: boolean): number {
  let consumed = 0;
  for (let i = 0; i < rounds; i++) {
    if (waits) window.waiting();
    window.consumed(FIRST / 8);
    consumed += FIRST / 8;
  }
  return FIRST + granted.reduce((sum, bytes) => sum + bytes, 0) - consumed;
}

function windowOf(budget: ByteBudget) {
  const granted: number[] = [];
  return { granted, window: new CreditWindow({ grant: (bytes) => granted.push(bytes), growth: budget }) };
}

test("a window widens for a reader that has to wait, and not beyond its bound", () => {
  const { window, granted } = windowOf(new ByteBudget(Number.POSITIVE_INFINITY));
  const ahead = consume(window, granted, 1000, true);
  expect(ahead).toBeGreaterThan(2 * FIRST);
  expect(ahead).toBeLessThanOrEqual(1024 * 1024);
});

test("a window stays as it is for a reader that never waits", () => {
  const { window, granted } = windowOf(new ByteBudget(Number.POSITIVE_INFINITY));
  expect(consume(window, granted, 1000, false)).toBeLessThanOrEqual(FIRST);
});

test("windows widen together no more than their conduit allows, and give back what they took", () => {
  const budget = new ByteBudget(FIRST);
  const [first, second] = [windowOf(budget), windowOf(budget)];
  expect(consume(first.window, first.granted, 100, true)).toBeGreaterThan(FIRST);
  expect(consume(second.window, second.granted, 100, true)).toBeLessThanOrEqual(FIRST);
  first.window.close();
  expect(consume(second.window, second.granted, 100, true)).toBeGreaterThan(FIRST / 2);
  expect(budget.take(1)).toBe(false);
});

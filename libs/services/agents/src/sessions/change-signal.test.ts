import { VirtualClock } from "@clawmatrix/environment";
import { expect, test } from "vitest";
import { FloodSignal } from "./change-signal.ts";

test("a change that comes alone is told at once, and those of a flood together a moment later", () => {
  const clock = new VirtualClock();
  const signal = new FloodSignal(clock);
  let told = 0;
  signal.listen(() => told++);
  signal.notifySoon();
  expect(told).toBe(1);
  for (let change = 0; change < 100; change++) signal.notifySoon();
  expect(told).toBe(1);
  clock.advance(2);
  expect(told).toBe(2);
  signal.notifySoon();
  expect(told).toBe(2);
  clock.advance(2);
  expect(told).toBe(3);
  clock.advance(1_000);
  expect(told).toBe(3);
  signal.notifySoon();
  expect(told).toBe(4);
});

test("what a person waits for is told at once, in a flood too, and with it what came before", () => {
  const clock = new VirtualClock();
  const signal = new FloodSignal(clock);
  let told = 0;
  signal.listen(() => told++);
  signal.notifySoon();
  signal.notifySoon();
  signal.notify();
  expect(told).toBe(2);
  clock.advance(1_000);
  expect(told).toBe(2);
});

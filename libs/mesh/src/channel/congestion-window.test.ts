import { expect, it } from "vitest";
import { CongestionWindow } from "./congestion-window.ts";

it("a window that gives way shrinks once in a round trip while packets wait on their way, down to its least", () => {
  const window = new CongestionWindow(true);
  const first = window.bytes;
  window.giveWay(10, 1, 1, 20);
  const once = window.bytes;
  expect(once).toBeLessThan(first);
  window.giveWay(10, 1, 20, 30);
  expect(window.bytes).toBe(once);
  for (let sent = 30; sent < 2000; sent += 10) window.giveWay(10, 1, sent + 1, sent + 10);
  expect(window.bytes).toBe(128 * 1024);
});

it("a window does not shrink for a time there and back that only jitters", () => {
  const window = new CongestionWindow(true);
  const first = window.bytes;
  window.giveWay(1.4, 1, 1, 1);
  window.giveWay(140, 100, 2, 2);
  expect(window.bytes).toBe(first);
});

import { expect, it } from "vitest";
import { freeAtOnce } from "./free-at-once.ts";

it("frees large bytes that have their memory to themselves", () => {
  const bytes = new Uint8Array(64 * 1024);
  freeAtOnce(bytes);
  expect(bytes.length).toBe(0);
});

it("leaves bytes alone that share their memory with others, or are not worth it", () => {
  const all = new Uint8Array(64 * 1024).fill(7);
  freeAtOnce(all.subarray(1));
  freeAtOnce(all.subarray(0, 32 * 1024));
  const small = new Uint8Array(1024).fill(7);
  freeAtOnce(small);
  expect([all[0], small[0]]).toEqual([7, 7]);
});

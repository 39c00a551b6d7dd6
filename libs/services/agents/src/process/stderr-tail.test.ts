import { expect, test } from "vitest";
import { StderrTail } from "./stderr-tail.ts";

test("the last whole lines within the limit are kept", () => {
  const tail = new StderrTail(20);
  for (let i = 0; i < 1_000; i++) tail.push(Buffer.from(`line ${i}\n`));
  expect(tail.text()).toBe("line 998\nline 999");
});

test("of one endless line its end is kept", () => {
  const tail = new StderrTail(4);
  for (const piece of ["abc", "def", "ghi"]) tail.push(Buffer.from(piece));
  expect(tail.text()).toBe("fghi");
});

import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@clawmatrix/environment";
import { afterAll, describe, expect, it } from "vitest";
import { tailLog } from "./log-tail.ts";

const directory = mkdtempSync(join(tmpdir(), "clawmatrix-log-"));
afterAll(() => rmSync(directory, { recursive: true }));

const tail = (file: string, lines: number, follow = false, signal = new AbortController().signal) =>
  tailLog({ file, lines, follow, clock: systemClock, signal });
const all = async (groups: AsyncIterable<string[]>): Promise<string[]> => {
  const lines: string[] = [];
  for await (const group of groups) lines.push(...group);
  return lines;
};

describe("the tail of a log", () => {
  it("is its last lines, however long the log is", async () => {
    const file = join(directory, "long.log");
    const lines = Array.from({ length: 20_000 }, (_, index) => `${index} ${"x".repeat(index % 50)}`);
    writeFileSync(file, `${lines.join("\n")}\n`);
    for (const count of [1, 2, 7_000, 19_999, 20_000, 50_000]) {
      expect(await all(tail(file, count))).toEqual(lines.slice(-count));
    }
  });

  it("is nothing where there is no log or an empty one", async () => {
    writeFileSync(join(directory, "empty.log"), "");
    expect(await all(tail(join(directory, "empty.log"), 10))).toEqual([]);
    expect(await all(tail(join(directory, "missing.log"), 10))).toEqual([]);
  });

  it("goes on with what is added, by whole lines, also after a rotation", async () => {
    const file = join(directory, "followed.log");
    writeFileSync(file, "old\nlast\n");
    const abort = new AbortController();
    const groups = tail(file, 1, true, abort.signal);
    expect((await groups.next()).value).toEqual(["last"]);
    appendFileSync(file, "one\nhal");
    expect((await groups.next()).value).toEqual(["one"]);
    appendFileSync(file, "f\n");
    expect((await groups.next()).value).toEqual(["half"]);
    renameSync(file, `${file}.1`);
    writeFileSync(file, "new\n");
    expect((await groups.next()).value).toEqual(["new"]);
    abort.abort();
    expect((await groups.next()).done).toBe(true);
  });
});

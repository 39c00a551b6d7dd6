import { VirtualClock } from "@clawmatrix/environment";
import { expect, test } from "vitest";
import { MAX_WAITING, MAX_WAITING_OF_GROUP, WaitingLine } from "./waiting-line.ts";

function lineOf(places: number) {
  let free = places;
  const line = new WaitingLine({ clock: new VirtualClock(), what: "a place", hint: "close one" });
  const said: string[][] = [];
  const take = (group = "a", signal?: AbortSignal): Promise<string> => {
    const heard: string[] = [];
    said.push(heard);
    const attempt = (): string | undefined => {
      if (free === 0) return undefined;
      free--;
      return group;
    };
    return line.take(attempt, group, {
      say: (progress) => heard.push(progress),
      signal,
    });
  };
  const release = (): void => {
    free++;
    line.advance();
  };
  return { line, take, release, said };
}

test("places are given in the order of asking, and those who wait hear how many are before them", async () => {
  const { take, release, said } = lineOf(1);
  await take();
  const order: string[] = [];
  const waiting = ["b", "c"].map((name) => take(name).then((got) => order.push(got)));
  release();
  await waiting[0];
  release();
  await Promise.all(waiting);
  expect(order).toEqual(["b", "c"]);
  expect(said.slice(1)).toEqual([
    ["waiting for a place (0 before you)"],
    ["waiting for a place (1 before you)", "waiting for a place (0 before you)"],
  ]);
});

test("a line is bounded, for one group and for all", async () => {
  const { line, take } = lineOf(0);
  const abort = new AbortController();
  const waiting = Array.from({ length: MAX_WAITING_OF_GROUP }, () => take("a", abort.signal));
  await expect(take("a")).rejects.toMatchObject({ reason: "too-many-waiting", hint: "close one" });
  while (line.length < MAX_WAITING) waiting.push(take("b", abort.signal));
  await expect(take("c")).rejects.toMatchObject({ reason: "too-many-waiting" });
  abort.abort();
  const ends = await Promise.allSettled(waiting);
  expect(ends.every(({ status }) => status === "rejected")).toBe(true);
  expect(line.length).toBe(0);
});

test("an attempt that makes room for itself takes one place, not two", async () => {
  const line = new WaitingLine({ clock: new VirtualClock(), what: "a place", hint: "" });
  let taken = 0;
  let open = false;
  const waiting = line.take(
    () => {
      if (!open) return undefined;
      line.advance();
      taken++;
      return true;
    },
    "a",
    { say: () => undefined },
  );
  open = true;
  line.advance();
  await waiting;
  expect(taken).toBe(1);
});

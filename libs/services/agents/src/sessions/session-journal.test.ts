import { silentLogger, VirtualClock } from "@clawmatrix/environment";
import { expect, test } from "vitest";
import type { EventLog } from "./event-log.ts";
import { MemoryEventLog } from "./memory-event-log.ts";
import { SessionJournal } from "./session-journal.ts";

const environment = { clock: new VirtualClock(), logger: silentLogger };
const update = (text: string) => ({ case: "updateJson", value: Buffer.from(text) }) as const;

function readAll(journal: SessionJournal, from = 1): string[] {
  const read: string[] = [];
  for (let page = journal.read(from); page.events.length > 0; page = journal.read(from)) {
    for (const { seq, body } of page.events) {
      expect(seq).toBe(from++);
      if (body?.case === "updateJson") read.push(Buffer.from(body.value).toString());
    }
  }
  return read;
}

test("every event is read once and in order from any number, whether it is recent or in the log", () => {
  const journal = new SessionJournal("s", new MemoryEventLog(), environment);
  const written = Array.from({ length: 5_000 }, (_, i) => `"${i}"`);
  for (const text of written) journal.append(update(text));
  for (const from of [1, 2, 2_500, 3_999, 4_999, 5_000, 5_001]) {
    expect(readAll(journal, from)).toEqual(written.slice(from - 1));
  }
});

test("what floods in is written in batches, what a person waits for at once", () => {
  const appended: number[] = [];
  const memory = new MemoryEventLog();
  const log: EventLog = {
    append: (id, events) => {
      appended.push(events.length);
      return memory.append(id, events);
    },
    read: (...args) => memory.read(...args),
    range: (id) => memory.range(id),
  };
  const clock = new VirtualClock();
  const journal = new SessionJournal("s", log, { clock, logger: silentLogger });
  for (let i = 0; i < 1_100; i++) journal.append(update("1"));
  expect(appended).toEqual([1_024]);
  clock.advance(20);
  expect(appended).toEqual([1_024, 76]);
  journal.append(update("1"));
  journal.append({ case: "turnEnded", value: { stopReason: "end_turn" } });
  expect(appended).toEqual([1_024, 76, 2]);
});

test("a log that cannot be written for a while loses nothing, and keeps the numbers", () => {
  const memory = new MemoryEventLog();
  let broken = true;
  const log: EventLog = {
    append: (id, events) => {
      if (broken) throw new Error("disk full");
      return memory.append(id, events);
    },
    read: (...args) => memory.read(...args),
    range: (id) => memory.range(id),
  };
  const journal = new SessionJournal("s", log, environment);
  const written = Array.from({ length: 3_000 }, (_, i) => `"${i}"`);
  for (const text of written) journal.append(update(text));
  broken = false;
  journal.flush();
  expect(readAll(journal)).toEqual(written);
  expect(memory.range("s")).toEqual({ first: 1, last: 3_000 });
});

test("what somebody has seen is in the log: after a kill its number is given to no other event", () => {
  const log = new MemoryEventLog();
  const journal = new SessionJournal("s", log, environment);
  for (let i = 0; i < 10; i++) journal.append(update("1"));
  expect(log.range("s").last).toBe(0);
  expect(journal.read(10).events).toHaveLength(1);
  expect(log.range("s").last).toBe(10);
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytes, exampleSession, temporaryStore } from "../test/temporary-store.ts";
import type { NewSessionEvent } from "./session-events.ts";

const UNBOUNDED = { maxBytes: 1e9, maxEvents: 1e6, keepSince: 0 };

function event(size: number, time = 1): NewSessionEvent {
  return { time, kind: "update", payload: new Uint8Array(size) };
}

describe("the events of a session", () => {
  it("are numbered from 1 without a gap, over batches and restarts", () => {
    const { store, reopen } = temporaryStore();
    store.sessions.insert(exampleSession());
    expect(store.sessionEvents.range("s1")).toEqual({ first: 1, last: 0, count: 0, bytes: 0 });
    expect(store.sessionEvents.append("s1", [event(1), event(2)])).toBe(2);
    expect(store.sessionEvents.append("s1", [])).toBe(2);
    const again = reopen();
    expect(again.sessionEvents.append("s1", [{ time: 5, kind: "turn", payload: bytes(1, 2, 3) }])).toBe(3);
    expect(again.sessionEvents.read("s1", 3)).toEqual({
      events: [{ seq: 3, time: 5, kind: "turn", payload: bytes(1, 2, 3) }],
      range: { first: 1, last: 3, count: 3, bytes: 6 },
    });
  });

  it("are read in pages, by number and by size, and always at least one", () => {
    const { store } = temporaryStore();
    store.sessions.insert(exampleSession());
    store.sessionEvents.append(
      "s1",
      Array.from({ length: 10 }, () => event(100)),
    );
    const seqs = (from: number, options = {}) =>
      store.sessionEvents.read("s1", from, options).events.map(({ seq }) => seq);
    expect(seqs(4, { limit: 3 })).toEqual([4, 5, 6]);
    expect(seqs(0, { maxBytes: 250 })).toEqual([1, 2]);
    expect(seqs(7, { maxBytes: 1 })).toEqual([7]);
    expect(seqs(11)).toEqual([]);
  });

  it("go from the front at the bounds, the newest stays, and no number is used again", () => {
    const { store } = temporaryStore();
    store.sessions.insert(exampleSession());
    store.sessionEvents.append("s1", [event(10, 1), event(10, 2), event(10, 3), event(500, 4)]);
    expect(store.sessionEvents.trim("s1", { ...UNBOUNDED, keepSince: 2 })).toBe(1);
    expect(store.sessionEvents.trim("s1", { ...UNBOUNDED, maxEvents: 2 })).toBe(1);
    expect(store.sessionEvents.trim("s1", { ...UNBOUNDED, maxBytes: 100 })).toBe(1);
    expect(store.sessionEvents.range("s1")).toEqual({ first: 4, last: 4, count: 1, bytes: 500 });
    expect(store.sessionEvents.trim("s1", { maxBytes: 0, maxEvents: 0, keepSince: 99 })).toBe(0);
    expect(store.sessionEvents.append("s1", [event(1)])).toBe(5);
  });

  it("behave like a list that is cut from the front", () => {
    const { store } = temporaryStore();
    let number = 0;
    const batches = fc.array(fc.array(fc.nat(50), { maxLength: 8 }), { maxLength: 8 });
    fc.assert(
      fc.property(
        batches,
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 1, max: 10 }),
        (sizes, maxBytes, maxEvents) => {
          const id = `s${++number}`;
          store.sessions.insert(exampleSession({ id }));
          let model: { seq: number; size: number }[] = [];
          let last = 0;
          for (const batch of sizes) {
            store.sessionEvents.append(
              id,
              batch.map((size) => event(size)),
              { maxBytes, maxEvents, keepSince: 0 },
            );
            model.push(...batch.map((size) => ({ seq: ++last, size })));
            const total = () => model.reduce((sum, { size }) => sum + size, 0);
            while (model.length > 1 && (total() > maxBytes || model.length > maxEvents))
              model = model.slice(1);
          }
          const { events, range } = store.sessionEvents.read(id, 0);
          expect(events.map(({ seq, payload }) => ({ seq, size: payload.length }))).toEqual(model);
          expect(range).toEqual({
            first: model[0]?.seq ?? last + 1,
            last,
            count: model.length,
            bytes: model.reduce((sum, { size }) => sum + size, 0),
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("are gone with their session, and refused without one or with a wrong value", () => {
    const { store } = temporaryStore();
    store.sessions.insert(exampleSession());
    store.sessionEvents.append("s1", [event(1)]);
    store.sessions.delete("s1");
    expect(() => store.sessionEvents.read("s1", 0)).toThrow("there is no session s1");
    store.sessions.insert(exampleSession());
    expect(store.sessionEvents.read("s1", 0).events).toEqual([]);
    expect(() => store.sessionEvents.append("s1", [event(1), { ...event(1), time: Number.NaN }])).toThrow(
      /time of an event/,
    );
    expect(() => store.sessionEvents.append("s1", [{ ...event(1), kind: "" }])).toThrow(/kind of an event/);
    expect(() => store.sessionEvents.read("s1", 0, { limit: 0 })).toThrow(/limit of a page/);
    expect(store.sessionEvents.range("s1").last).toBe(0);
  });
});

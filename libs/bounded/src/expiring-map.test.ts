import { VirtualClock } from "@clawmatrix/environment";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Departure, ExpiringMap } from "./expiring-map.ts";

/** A plain map that is searched whole each time: what ExpiringMap is to do. */
class PlainExpiring {
  map = new Map<string, { value: number; expiresAt: number }>();
  readonly entries: number;
  constructor(entries: number) {
    this.entries = entries;
  }
  expire(now: number): void {
    for (const [key, { expiresAt }] of this.map) if (expiresAt <= now) this.map.delete(key);
  }
  set(key: string, value: number, now: number): boolean {
    const isNew = !this.map.delete(key);
    if (this.map.size >= this.entries) this.map.delete(this.map.keys().next().value as string);
    this.map.set(key, { value, expiresAt: now + 100 });
    return isNew;
  }
}

describe("an expiring map", () => {
  it("does what a plain map that is searched whole does", () => {
    const operation = fc.record({
      kind: fc.constantFrom("set", "set", "set", "get", "delete", "size"),
      key: fc.oneof(fc.nat(40).map(String), fc.string({ maxLength: 150 })),
      wait: fc.constantFrom(0, 0, 0, 1, 7, 40, 100, 250),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.array(operation, { maxLength: 400, size: "max" }),
        (entries, all) => {
          const clock = new VirtualClock();
          const map = new ExpiringMap<number>({ clock, entries, milliseconds: 100 });
          const plain = new PlainExpiring(entries);
          let now = 0;
          all.forEach(({ kind, key, wait }, i) => {
            clock.advance(wait);
            now += wait;
            plain.expire(now);
            if (kind === "set") expect(map.set(key, i)).toBe(plain.set(key, i, now));
            else if (kind === "delete") expect(map.delete(key)).toBe(plain.map.delete(key));
            else if (kind === "size") expect(map.size).toBe(plain.map.size);
            expect(map.get(key)).toBe(plain.map.get(key)?.value);
            expect(map.has(key)).toBe(plain.map.has(key));
          });
          for (const key of plain.map.keys()) expect(map.has(key)).toBe(true);
          expect(map.size).toBe(plain.map.size);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("lets the expired leave before the oldest that has not expired", () => {
    const clock = new VirtualClock();
    const left: [string, number, Departure][] = [];
    const map = new ExpiringMap<number>({
      clock,
      entries: 3,
      milliseconds: 100,
      onDeparture: (key, value, why) => left.push([key, value, why]),
    });
    map.set("a", 1);
    clock.advance(50);
    map.set("b", 2);
    map.set("c", 3);
    clock.advance(50);
    map.set("d", 4);
    map.set("e", 5);
    expect(left).toEqual([
      ["a", 1, "expired"],
      ["b", 2, "displaced"],
    ]);
    expect([map.get("c"), map.get("d"), map.get("e")]).toEqual([3, 4, 5]);
  });

  it("begins the time of an entry anew when it is set again", () => {
    const clock = new VirtualClock();
    const map = new ExpiringMap<string>({ clock, entries: 2, milliseconds: 100 });
    map.set("a", "once");
    clock.advance(60);
    expect(map.set("a", "twice")).toBe(false);
    clock.advance(60);
    expect(map.get("a")).toBe("twice");
    clock.advance(40);
    expect(map.get("a")).toBeUndefined();
    expect(map.set("a", "again")).toBe(true);
  });

  it("says nothing of what was deleted or cleared", () => {
    const left: string[] = [];
    const clock = new VirtualClock();
    const map = new ExpiringMap<number>({
      clock,
      entries: 9,
      milliseconds: 9,
      onDeparture: (key) => left.push(key),
    });
    map.set("a", 1);
    map.set("b", 2);
    map.delete("a");
    map.clear();
    clock.advance(100);
    expect([map.size, map.has("b"), left]).toEqual([0, false, []]);
    map.set("c", 3);
    expect([map.size, map.get("c")]).toEqual([1, 3]);
  });

  it("costs as much to insert into when it is full as when it is not", () => {
    // Counted, not timed: each insertion at the bound lets go of one entry and looks at no other.
    const clock = new VirtualClock();
    let departures = 0;
    const map = new ExpiringMap<number>({
      clock,
      entries: 5000,
      milliseconds: 900_000,
      onDeparture: () => departures++,
    });
    for (let i = 0; i < 5000; i++) map.set(`id ${i}`, i);
    clock.advance(900_000);
    for (let i = 0; i < 1000; i++) {
      const before = departures;
      map.set(`new ${i}`, i);
      expect(departures - before).toBe(2);
    }
    expect(map.size).toBe(1000);
  });
});

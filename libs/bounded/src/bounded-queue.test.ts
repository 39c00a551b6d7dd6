import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BoundedQueue } from "./bounded-queue.ts";

interface Item {
  readonly name: number;
  readonly bytes: number;
}

/** What the queue is to do, on a plain list. */
class PlainQueue {
  items: Item[] = [];
  readonly entries: number;
  readonly limit: number;
  constructor(entries: number, limit: number) {
    this.entries = entries;
    this.limit = limit;
  }
  get bytes(): number {
    return this.items.reduce((sum, item) => sum + item.bytes, 0);
  }
  push(item: Item): boolean {
    if (this.items.length >= this.entries || this.bytes + item.bytes > this.limit) return false;
    this.items.push(item);
    return true;
  }
  pushDroppingOldest(item: Item): Item[] | undefined {
    if (item.bytes > this.limit) return undefined;
    const dropped: Item[] = [];
    while (!this.push(item)) dropped.push(this.items.shift() as Item);
    return dropped;
  }
}

describe("a bounded queue", () => {
  it("does what a plain list with two bounds does, whatever is pushed and taken", () => {
    const operation = fc.record({
      kind: fc.constantFrom("push", "push", "drop", "shift"),
      bytes: fc.integer({ min: 0, max: 40 }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 300 }),
        fc.array(operation, { maxLength: 200, size: "max" }),
        (entries, bytes, operations) => {
          const queue = new BoundedQueue<Item>({ entries, bytes });
          const plain = new PlainQueue(entries, bytes);
          operations.forEach(({ kind, bytes: size }, name) => {
            const item = { name, bytes: size };
            if (kind === "push") expect(queue.push(item, size)).toBe(plain.push(item));
            else if (kind === "shift") expect(queue.shift()).toBe(plain.items.shift());
            else {
              const dropped: Item[] = [];
              const taken = queue.pushDroppingOldest(item, size, (one, oneSize) => {
                expect(oneSize).toBe(one.bytes);
                dropped.push(one);
              });
              expect(taken ? dropped : undefined).toEqual(plain.pushDroppingOldest(item));
            }
            expect([queue.size, queue.bytes]).toEqual([plain.items.length, plain.bytes]);
            expect([queue.peek(), queue.peekBytes()]).toEqual([plain.items[0], plain.items[0]?.bytes ?? 0]);
          });
          const rest: Item[] = [];
          queue.clear((item) => rest.push(item));
          expect(rest).toEqual(plain.items);
          expect([queue.size, queue.bytes]).toEqual([0, 0]);
        },
      ),
    );
  });

  it("refuses at the bound and is unchanged", () => {
    const queue = new BoundedQueue<string>({ entries: 2, bytes: 10 });
    expect(queue.push("a", 6)).toBe(true);
    expect(queue.push("b", 5)).toBe(false);
    expect(queue.push("c", 4)).toBe(true);
    expect(queue.push("d", 0)).toBe(false);
    expect([queue.shift(), queue.shift(), queue.shift()]).toEqual(["a", "c", undefined]);
  });

  it("drops nothing for an item that would never fit", () => {
    const queue = new BoundedQueue<string>({ entries: 2, bytes: 10 });
    queue.push("a", 10);
    const dropped: string[] = [];
    expect(queue.pushDroppingOldest("b", 11, (item) => dropped.push(item))).toBe(false);
    expect([dropped, queue.peek()]).toEqual([[], "a"]);
  });

  it("takes no item of negative or unknown size, and no bound of nothing", () => {
    const queue = new BoundedQueue<string>({ entries: 1, bytes: 1 });
    expect(() => queue.push("a", -1)).toThrow(RangeError);
    expect(() => queue.push("a", Number.NaN)).toThrow(RangeError);
    expect(() => new BoundedQueue({ entries: 0, bytes: 1 })).toThrow(/"entries"/);
    expect(() => new BoundedQueue({ entries: 1, bytes: Number.NaN })).toThrow(/"bytes"/);
  });
});

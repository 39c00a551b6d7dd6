import type { Clock, Timer } from "./clock.ts";

interface Scheduled {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
}

export interface VirtualClockOptions {
  /** Wall-clock time at the start, in milliseconds since 1970. Default: 2026-01-01T00:00:00Z. */
  readonly startsAt?: number;
}

/**
 * Time that passes only when told: for the simulator, and for tests of what waits.
 * Timers due at the same moment fire in the order in which they were set.
 */
export class VirtualClock implements Clock {
  readonly #startsAt: number;
  /** A binary heap: the next timer to fire is first. Cancelled ones stay until they surface. */
  readonly #heap: Scheduled[] = [];
  readonly #cancelled = new WeakSet<Scheduled>();
  #elapsed = 0;
  #order = 0;
  #skew = 0;

  constructor(options: VirtualClockOptions = {}) {
    this.#startsAt = options.startsAt ?? Date.UTC(2026, 0, 1);
  }

  now(): number {
    return this.#startsAt + this.#elapsed + this.#skew;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  schedule(delayMs: number, callback: () => void): Timer {
    const entry: Scheduled = { due: this.#elapsed + Math.max(0, delayMs), order: this.#order++, callback };
    this.#push(entry);
    return { cancel: () => this.#cancelled.add(entry) };
  }

  /** Moves the wall clock by `ms` (negative: back) without letting time pass: a clock that jumps. */
  jump(ms: number): void {
    this.#skew += ms;
  }

  /** When the next timer fires, in monotonic milliseconds; undefined when nothing is scheduled. */
  nextDue(): number | undefined {
    while (this.#heap[0] !== undefined && this.#cancelled.has(this.#heap[0])) this.#pop();
    return this.#heap[0]?.due;
  }

  /** Lets `ms` milliseconds pass, firing every timer that falls due, also those set meanwhile. */
  advance(ms: number): void {
    const until = this.#elapsed + ms;
    for (let due = this.nextDue(); due !== undefined && due <= until; due = this.nextDue()) {
      this.#elapsed = Math.max(this.#elapsed, due);
      this.#pop()?.callback();
    }
    this.#elapsed = until;
  }

  #push(entry: Scheduled): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): Scheduled | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function before(a: Scheduled, b: Scheduled): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

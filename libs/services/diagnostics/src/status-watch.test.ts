import { VirtualClock } from "@clawmatrix/environment";
import { describe, expect, it } from "vitest";
import { watchStatus } from "./status-watch.ts";

function watched() {
  const clock = new VirtualClock();
  const abort = new AbortController();
  const listeners = new Set<() => void>();
  let version = 0;
  const statuses = watchStatus({
    clock,
    read: () => version,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    intervalMs: 250,
    signal: abort.signal,
  });
  const change = (): void => {
    version++;
    for (const listener of listeners) listener();
  };
  return { clock, abort, listeners, statuses, change };
}

/** Lets what is waiting run up to its next wait. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("a watched status", () => {
  it("comes at once, and then after a change", async () => {
    const { clock, statuses, change } = watched();
    expect(await statuses.next()).toEqual({ value: 0, done: false });
    const next = statuses.next();
    await settle();
    clock.advance(250);
    await settle();
    change();
    expect(await next).toEqual({ value: 1, done: false });
  });

  it("tells many quick changes by one status, the newest", async () => {
    const { clock, statuses, change } = watched();
    await statuses.next();
    const next = statuses.next();
    await settle();
    for (let i = 0; i < 100; i++) change();
    clock.advance(250);
    expect(await next).toEqual({ value: 100, done: false });
  });

  it("ends when the call does, and leaves no listener and no timer behind", async () => {
    const { clock, abort, listeners, statuses } = watched();
    await statuses.next();
    const next = statuses.next();
    await settle();
    abort.abort();
    expect((await next).done).toBe(true);
    expect(listeners.size).toBe(0);
    expect(clock.nextDue()).toBeUndefined();
  });
});

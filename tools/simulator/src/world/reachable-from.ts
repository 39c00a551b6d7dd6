import type { Participant } from "./running-world.ts";

/** The members that each member can reach, by the links that there can be and the nodes that relay. */
export function reachableFrom(start: Participant, members: readonly Participant[]): Participant[] {
  const reached = new Set([start]);
  const queue = [start];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    if (at !== start && !at.relays) continue;
    for (const other of members) {
      const linked = at.dials.includes(other.number) || other.dials.includes(at.number);
      if (!linked || reached.has(other)) continue;
      reached.add(other);
      queue.push(other);
    }
  }
  reached.delete(start);
  return [...reached];
}

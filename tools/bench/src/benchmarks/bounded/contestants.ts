import { ExpiringMap, GenerationMap } from "@clawmatrix/bounded";
import { systemClock } from "@clawmatrix/environment";
import { LRUCache } from "lru-cache";

/** A map at its bound: notes an id that is new, and looks up one that is not there and one that is. */
export interface BoundedContestant {
  note(id: string, now: number): void;
  has(id: string, now: number): boolean;
}

/** As the mesh bounds them: requests that were given up, and requests that were seen. */
export const BOUNDS = {
  "failed requests": { entries: 5_000, milliseconds: 15 * 60_000 },
  "seen ids": { entries: 10_000, milliseconds: 60_000 },
} as const;
export type Bounded = keyof typeof BOUNDS;

/** What the product uses for each. */
export function ours(what: Bounded): BoundedContestant {
  const options = { clock: systemClock, ...BOUNDS[what] };
  if (what === "seen ids") {
    const seen = new GenerationMap<true>(options);
    return { note: (id, now) => seen.add(id, true, now), has: (id, now) => seen.get(id, now) !== undefined };
  }
  const failed = new ExpiringMap<true>(options);
  return { note: (id, now) => failed.set(id, true, now), has: (id, now) => failed.has(id, now) };
}

export function lruCache(what: Bounded): BoundedContestant {
  const { entries, milliseconds } = BOUNDS[what];
  const cache = new LRUCache<string, true>({ max: entries, ttl: milliseconds });
  return { note: (id) => cache.set(id, true), has: (id) => cache.has(id) };
}

/** The earlier system's shape: once full, each insertion looks through all entries for what has expired. */
export function scanned(what: Bounded): BoundedContestant {
  const { entries, milliseconds } = BOUNDS[what];
  const map = new Map<string, number>();
  return {
    note(id, now) {
      if (map.size >= entries) {
        for (const [known, expiresAt] of map) if (expiresAt <= now) map.delete(known);
        for (const known of map.keys()) {
          if (map.size < entries) break;
          map.delete(known);
        }
      }
      map.set(id, now + milliseconds);
    },
    has(id, now) {
      const expiresAt = map.get(id);
      return expiresAt !== undefined && expiresAt > now;
    },
  };
}

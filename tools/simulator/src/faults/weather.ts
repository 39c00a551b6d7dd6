import type { Random } from "@clawmatrix/environment";
import type { NetworkConditions } from "@clawmatrix/mesh";

/** What happens to the messages from one host to another one at the moment. */
export interface Disturbance {
  /** Further milliseconds that each takes, and up to how many more. */
  readonly delayMs?: number;
  readonly jitterMs?: number;
  /** Nothing arrives before this moment, in monotonic milliseconds. */
  readonly heldUntil?: number;
  /** Shares, from 0 to 1, of the messages that are lost, and of which one bit is flipped. */
  readonly lose?: number;
  readonly flip?: number;
}

export interface WeatherOptions {
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly now: () => number;
}

/** The network between the hosts: calm, but for the disturbances that are put into it and taken out again. */
export class Weather implements NetworkConditions {
  readonly #options: WeatherOptions;
  /** By "from>to". */
  readonly #disturbances = new Map<string, Set<Disturbance>>();

  constructor(options: WeatherOptions) {
    this.#options = options;
  }

  /** From now on, in this direction. Returns how to end it. */
  disturb(from: string, to: string, disturbance: Disturbance): () => void {
    const way = `${from}>${to}`;
    const all = this.#disturbances.get(way) ?? new Set();
    this.#disturbances.set(way, all.add(disturbance));
    return () => void all.delete(disturbance);
  }

  /** In whole milliseconds. */
  delayMs(from: string, to: string, random: Random): number {
    const { delayMs, jitterMs, now } = this.#options;
    let delay = delayMs + jitterMs * random.fraction();
    for (const each of this.#between(from, to)) {
      delay += (each.delayMs ?? 0) + (each.jitterMs ?? 0) * random.fraction();
      delay += Math.max(0, (each.heldUntil ?? 0) - now());
    }
    return Math.round(delay);
  }

  corrupt(from: string, to: string, message: Uint8Array, random: Random): Uint8Array | undefined {
    for (const { lose = 0, flip = 0 } of this.#between(from, to)) {
      if (lose > 0 && random.fraction() < lose) return undefined;
      if (flip > 0 && random.fraction() < flip) flipBit(message, random);
    }
    return message;
  }

  #between(from: string, to: string): Iterable<Disturbance> {
    return this.#disturbances.get(`${from}>${to}`) ?? [];
  }
}

/** Flips one bit, anywhere. */
export function flipBit(bytes: Uint8Array, random: Random): void {
  const at = Math.floor(random.fraction() * bytes.length);
  if (bytes.length > 0) bytes[at]! ^= 1 << Math.floor(random.fraction() * 8);
}

import { ExpiringMap } from "@clawmatrix/bounded";
import type { Clock } from "@clawmatrix/environment";

/** How many requests one address may leave waiting within the window. */
export const REQUESTS_PER_ADDRESS = 3;
/** The window, in milliseconds: ten minutes. */
export const REQUEST_WINDOW_MS = 600_000;
/** Addresses remembered; beyond, the one heard of least recently is forgotten. Links limit how fast addresses come. */
const MAX_ADDRESSES = 1024;

/** Counts requests for admission by address, exactly: at most three within any ten minutes. */
export class AddressQuota {
  readonly #clock: Pick<Clock, "monotonic">;
  /** The times (monotonic) of the last requests, oldest first. */
  readonly #requests: ExpiringMap<readonly number[]>;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
    this.#requests = new ExpiringMap({ clock, entries: MAX_ADDRESSES, milliseconds: REQUEST_WINDOW_MS });
  }

  /** Counts a request. False: the address has had its share, nothing is counted. */
  take(address: string): boolean {
    const now = this.#clock.monotonic();
    const recent = (this.#requests.get(address) ?? []).filter((at) => now - at < REQUEST_WINDOW_MS);
    if (recent.length >= REQUESTS_PER_ADDRESS) return false;
    this.#requests.set(address, [...recent, now]);
    return true;
  }
}

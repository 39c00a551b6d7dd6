import type { Clock, Timer } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import type { PublicKeys } from "@clawmatrix/mesh";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { AddressQuota, REQUESTS_PER_ADDRESS } from "./address-quota.ts";

/** The most nodes that wait at one time, in the whole mesh as far as the node that is asked knows. */
export const MAX_PENDING = 16;
/** How long a request is still shown after its node has gone, in milliseconds: one hour. */
export const PENDING_LINGER_MS = 3_600_000;

/** A node that waits for an operator. */
export interface PendingRequest {
  readonly node: NodeId;
  readonly keys: PublicKeys;
  readonly name: string;
  /** From where it connected; empty where that is not known. */
  readonly address: string;
  /** Why its invitation did not suffice; empty where it had none. */
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** How waiting ends: by a decision; because the node asked again on another stream; because this node stops. */
export type Settlement = "admitted" | "denied" | "replaced" | "stopped";

interface Waiting {
  request: PendingRequest;
  /** Tells the stream that waits; undefined when the node has gone. */
  settle: ((settlement: Settlement) => void) | undefined;
  lingering: Timer | undefined;
}

export interface PendingRequestsOptions {
  /** How many more nodes wait at other nodes of the mesh. */
  readonly elsewhere: () => number;
  readonly onChange: () => void;
}

/** The requests for admission that wait here, bounded in number and per address. */
export class PendingRequests {
  readonly #clock: Clock;
  readonly #quota: AddressQuota;
  readonly #elsewhere: () => number;
  readonly #onChange: () => void;
  /** Oldest first. */
  readonly #waiting = new Map<NodeId, Waiting>();

  constructor(clock: Clock, { elsewhere, onChange }: PendingRequestsOptions) {
    this.#clock = clock;
    this.#quota = new AddressQuota(clock);
    this.#elsewhere = elsewhere;
    this.#onChange = onChange;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Oldest first. */
  list(): readonly PendingRequest[] {
    return [...this.#waiting.values()].map(({ request }) => request);
  }

  get(node: NodeId): PendingRequest | undefined {
    return this.#waiting.get(node)?.request;
  }

  /**
   * Lets a node wait. `settle` is called once when it is over, unless `leave` comes first. A node that waits already keeps its place
   * and its time. Throws StatusError RESOURCE_EXHAUSTED ("too-many-pending", "too-many-from-address").
   */
  wait(request: PendingRequest, settle: (settlement: Settlement) => void): void {
    const known = this.#waiting.get(request.node);
    if (known === undefined) this.#makeRoomFor(request);
    else this.#release(known, "replaced");
    const since = known?.request.since ?? request.since;
    this.#waiting.set(request.node, { request: { ...request, since }, settle, lingering: undefined });
    this.#onChange();
  }

  /** The stream of a node has ended: its request is shown for another hour. */
  leave(node: NodeId, settle: (settlement: Settlement) => void): void {
    const waiting = this.#waiting.get(node);
    if (waiting?.settle !== settle) return;
    waiting.settle = undefined;
    waiting.lingering = this.#clock.schedule(PENDING_LINGER_MS, () => this.#remove(node));
  }

  /** Ends the waiting of a node. False: it did not wait. */
  settle(node: NodeId, settlement: "admitted" | "denied"): boolean {
    const waiting = this.#waiting.get(node);
    if (waiting === undefined) return false;
    this.#waiting.delete(node);
    this.#release(waiting, settlement);
    this.#onChange();
    return true;
  }

  stop(): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of all) this.#release(waiting, "stopped");
  }

  #makeRoomFor({ address }: PendingRequest): void {
    const gone = [...this.#waiting].find(([, { settle }]) => settle === undefined);
    const isFull = this.#waiting.size + this.#elsewhere() >= MAX_PENDING;
    if (isFull && gone === undefined) {
      throw new StatusError(
        StatusCode.RESOURCE_EXHAUSTED,
        `${MAX_PENDING} nodes wait for admission already`,
        { reason: "too-many-pending", hint: "let an operator decide on those, or ask for an invitation" },
      );
    }
    if (!this.#quota.take(address)) {
      throw new StatusError(
        StatusCode.RESOURCE_EXHAUSTED,
        `${REQUESTS_PER_ADDRESS} nodes have asked for admission from this address within ten minutes`,
        { reason: "too-many-from-address", hint: "wait ten minutes, or ask for an invitation" },
      );
    }
    if (isFull && gone !== undefined) this.#remove(gone[0]);
  }

  #remove(node: NodeId): void {
    const waiting = this.#waiting.get(node);
    if (waiting === undefined) return;
    this.#waiting.delete(node);
    waiting.lingering?.cancel();
    this.#onChange();
  }

  #release(waiting: Waiting, settlement: Settlement): void {
    waiting.lingering?.cancel();
    const { settle } = waiting;
    waiting.settle = undefined;
    settle?.(settlement);
  }
}

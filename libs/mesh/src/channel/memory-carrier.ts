import type { Clock, Random } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import type { CarryOptions, CarryOutcome, PacketCarrier, PacketReceiver } from "../packet-carrier.ts";

/** What goes wrong between nodes: probabilities from 0 to 1, times in milliseconds. */
export interface CarrierFaults {
  readonly lose: number;
  readonly double: number;
  /** A byte of the packet is changed. */
  readonly damage: number;
  /** Each packet takes from `delayMs` to `delayMs + jitterMs`; jitter reorders. */
  readonly delayMs: number;
  readonly jitterMs: number;
}

export interface MemoryNetworkOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly faults?: Partial<CarrierFaults>;
}

const NO_FAULTS: CarrierFaults = { lose: 0, double: 0, damage: 0, delayMs: 1, jitterMs: 0 };

/** Nodes that reach each other through memory, with the faults of a network: what channels are tested on. */
export class MemoryNetwork {
  readonly clock: Clock;
  readonly #random: Random;
  readonly #carriers = new Map<NodeId, MemoryCarrier>();
  readonly #cut = new Set<string>();
  faults: CarrierFaults;
  /** Packets handed over so far. */
  delivered = 0;
  /** Sees every packet that is sent; returns what is delivered in its place, undefined for nothing. */
  tap: ((source: NodeId, destination: NodeId, packet: Uint8Array) => Uint8Array | undefined) | undefined;

  constructor(options: MemoryNetworkOptions) {
    this.clock = options.clock;
    this.#random = options.random;
    this.faults = { ...NO_FAULTS, ...options.faults };
  }

  /** The carrier of a node; one that was there before is gone, as after a crash. */
  join(node: NodeId): MemoryCarrier {
    const carrier = new MemoryCarrier(this, node);
    this.#carriers.set(node, carrier);
    return carrier;
  }

  leave(node: NodeId): void {
    this.#carriers.delete(node);
    this.changed();
  }

  /** Takes away the route between two nodes; packets on their way are lost. */
  cut(a: NodeId, b: NodeId): void {
    this.#cut.add(pairOf(a, b));
    this.changed();
  }

  heal(a: NodeId, b: NodeId): void {
    this.#cut.delete(pairOf(a, b));
    this.changed();
  }

  isConnected(a: NodeId, b: NodeId): boolean {
    return this.#carriers.has(a) && this.#carriers.has(b) && !this.#cut.has(pairOf(a, b));
  }

  /** Tells every node that the routes to all others may have changed. */
  changed(): void {
    for (const carrier of this.#carriers.values()) {
      for (const other of this.#carriers.keys()) if (other !== carrier.nodeId) carrier.routeChanged(other);
    }
  }

  carry(source: NodeId, destination: NodeId, parts: readonly Uint8Array[]): CarryOutcome {
    if (!this.isConnected(source, destination)) return "no-route";
    let packet: Uint8Array | undefined = Buffer.concat(parts);
    if (this.tap !== undefined) packet = this.tap(source, destination, packet);
    if (packet === undefined) return "queued";
    const { lose, double, damage } = this.faults;
    if (this.#happens(lose)) return "queued";
    if (this.#happens(damage)) packet = this.#damaged(packet);
    this.deliver(source, destination, packet);
    if (this.#happens(double)) this.deliver(source, destination, packet);
    return "queued";
  }

  /** Delivers a packet as if `source` had sent it, after the delay. */
  deliver(source: NodeId, destination: NodeId, packet: Uint8Array): void {
    const { delayMs, jitterMs } = this.faults;
    const delay = delayMs + (jitterMs > 0 ? this.#random.fraction() * jitterMs : 0);
    this.clock.schedule(delay, () => {
      if (!this.isConnected(source, destination)) return;
      this.delivered++;
      this.#carriers.get(destination)?.receiver?.packet(source, packet);
    });
  }

  #happens(probability: number): boolean {
    return probability > 0 && this.#random.fraction() < probability;
  }

  #damaged(packet: Uint8Array): Uint8Array {
    const copy = Uint8Array.from(packet);
    const at = Math.floor(this.#random.fraction() * copy.length);
    copy[at] = (copy[at] as number) ^ (1 << Math.floor(this.#random.fraction() * 8));
    return copy;
  }
}

/** One node's access to a `MemoryNetwork`. */
export class MemoryCarrier implements PacketCarrier {
  readonly nodeId: NodeId;
  readonly #network: MemoryNetwork;
  readonly #listeners = new Set<(node: NodeId) => void>();
  receiver: PacketReceiver | undefined;

  constructor(network: MemoryNetwork, nodeId: NodeId) {
    this.#network = network;
    this.nodeId = nodeId;
  }

  send(destination: NodeId, parts: readonly Uint8Array[], _options?: CarryOptions): CarryOutcome {
    return this.#network.carry(this.nodeId, destination, parts);
  }

  receive(receiver: PacketReceiver): void {
    this.receiver = receiver;
  }

  isNeighbour(node: NodeId): boolean {
    return this.#network.isConnected(this.nodeId, node);
  }

  isReachable(node: NodeId): boolean {
    return this.#network.isConnected(this.nodeId, node);
  }

  onRouteChange(listener: (node: NodeId) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  routeChanged(node: NodeId): void {
    for (const listener of [...this.#listeners]) listener(node);
  }
}

function pairOf(a: NodeId, b: NodeId): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

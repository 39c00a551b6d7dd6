import { createHash } from "node:crypto";
import type { Clock, Random } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import type { CarryOptions, CarryOutcome, PacketCarrier, PacketReceiver } from "@clawmatrix/mesh";
import type { PacketFault } from "../faults/fault.ts";
import { flipBit } from "../faults/weather.ts";

export interface PacketWayOptions {
  readonly carrier: PacketCarrier;
  readonly clock: Clock;
  readonly random: Random;
  readonly packets: PacketsSent;
  /** What becomes of each packet on its way. Default: nothing. */
  readonly alter?: ((packet: Buffer) => Buffer) | undefined;
}

/** Between a node's channels and its mesh: what relays with full queues and several ways can do to its packets. */
export class PacketWay implements PacketCarrier {
  readonly #options: PacketWayOptions;
  readonly #faults = new Set<PacketFault>();
  readonly nodeId: NodeId;

  constructor(options: PacketWayOptions) {
    this.#options = options;
    this.nodeId = options.carrier.nodeId;
  }

  /** From now on. Returns how to end it. */
  disturb(fault: PacketFault): () => void {
    this.#faults.add(fault);
    return () => void this.#faults.delete(fault);
  }

  send(destination: NodeId, parts: readonly Uint8Array[], options?: CarryOptions): CarryOutcome {
    const { random } = this.#options;
    const packet = Buffer.concat(parts);
    for (const { lose, double, flip, late, lateMs } of this.#faults) {
      if (random.fraction() < lose) return "queued";
      if (random.fraction() < double) this.#sendLate(destination, Buffer.from(packet), lateMs, options);
      if (random.fraction() < flip) flipBit(packet, random);
      if (random.fraction() < late) {
        this.#sendLate(destination, packet, lateMs, options);
        return "queued";
      }
    }
    return this.#sendNow(destination, packet, options);
  }

  receive(receiver: PacketReceiver): void {
    const { carrier, packets } = this.#options;
    carrier.receive({
      packet: (source, payload) => {
        packets.arrived(payload);
        receiver.packet(source, payload);
      },
      undeliverable: (destination, reason) => receiver.undeliverable(destination, reason),
    });
  }

  isNeighbour(node: NodeId): boolean {
    return this.#options.carrier.isNeighbour(node);
  }

  isReachable(node: NodeId): boolean {
    return this.#options.carrier.isReachable(node);
  }

  onRouteChange(listener: (node: NodeId) => void): () => void {
    return this.#options.carrier.onRouteChange(listener);
  }

  #sendLate(destination: NodeId, packet: Buffer, lateMs: number, options: CarryOptions | undefined): void {
    const { clock, random } = this.#options;
    clock.schedule(1 + random.fraction() * lateMs, () => void this.#sendNow(destination, packet, options));
  }

  #sendNow(destination: NodeId, packet: Buffer, options: CarryOptions | undefined): CarryOutcome {
    const { carrier, packets, alter } = this.#options;
    packets.sent(packet);
    return carrier.send(destination, [alter === undefined ? packet : alter(packet)], options);
  }
}

/** All packets that channels have sent in a world: what arrives must be one of them, to the last bit (P3). */
export class PacketsSent {
  readonly #digests = new Set<string>();
  /** Packets that arrived and that nobody had sent like that. */
  changed = 0;
  count = 0;

  sent(packet: Uint8Array): void {
    this.count++;
    this.#digests.add(digest(packet));
  }

  arrived(packet: Uint8Array): void {
    if (!this.#digests.has(digest(packet))) this.changed++;
  }
}

function digest(packet: Uint8Array): string {
  return createHash("sha1").update(packet).digest("binary");
}

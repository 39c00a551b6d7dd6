import type { Link } from "./link.ts";

/** What a link tells. Packets are told where they lie, as `PacketSink` describes. */
export interface LinkEvents {
  /** The first batch of the other side has opened: it has the same keys, and has accepted the link. */
  confirmed(link: Link): void;
  packet(
    link: Link,
    headers: Buffer,
    headerAt: number,
    payload: Buffer,
    payloadAt: number,
    payloadBytes: number,
  ): void;
  /** A frame from the neighbour, other than heartbeats. Throws where its bytes are bad; the link is closed then. */
  frame(link: Link, type: number, message: Buffer): void;
  costChanged(link: Link): void;
  dropped(link: Link, packets: number): void;
  closed(link: Link, code: number, reason: string): void;
}

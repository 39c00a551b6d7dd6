import type { Clock } from "@clawmatrix/environment";
import { Acknowledgement, type AcknowledgementInit, Priority } from "@clawmatrix/protocol";
import type { CarryOutcome } from "../packet-carrier.ts";
import { SEGMENT_HEADER_BYTES, writeSegmentHeader } from "./channel-packets.ts";
import { CongestionWindow } from "./congestion-window.ts";
import { badFrame } from "./frame-layout.ts";
import { IncomingSegments, type Range } from "./incoming-segments.ts";
import { type OutgoingSegment, OutgoingSegments } from "./outgoing-segments.ts";
import { LONGEST_ACK_DELAY_MS, RoundTrip } from "./round-trip.ts";
import { SegmentBuffers } from "./segment-buffers.ts";
import { SoonestTimer } from "./soonest-timer.ts";

export interface SegmentFlowOptions {
  readonly priority: Priority;
  readonly clock: Clock;
  /** Bytes of frames that wait to be packed. */
  readonly queuedBytes: () => number;
  /** Packs frames into `out` from `at`, while they fit; returns where they end. */
  readonly pack: (out: Uint8Array, at: number) => number;
  /** Seals and sends one segment. */
  readonly transmit: (segment: Uint8Array) => CarryOutcome;
  /** Takes the segments of the peer, in order, each once. */
  readonly deliver: (segment: Uint8Array) => void;
  /** Asks for `flush` at the end of this turn of the event loop. */
  readonly wantFlush: () => void;
}

/** Bytes of segments, counted since the channel began. */
export interface FlowTraffic {
  readonly sentBytes: number;
  /** Of these, what was sent again. */
  readonly resentBytes: number;
  /** Sent, and not known to have arrived or to be lost. */
  readonly onTheirWayBytes: number;
}

/** One seal each: as much as pays for it, and no more than keeps packets below 64 KiB. */
export const SEGMENT_BYTES = 61_440;
/** Segments on their way, however small they are. */
const MOST_SEGMENTS = 8192;
/** An acknowledgement is due after so many segments, if not earlier by time. */
const SEGMENTS_PER_ACK = 4;
/** Whoever sends segments larger than this has much to send, and may wait for the acknowledgement: it comes sooner. */
const LARGE_SEGMENT_BYTES = 16_384;
const LARGE_ACK_DELAY_MS = 1;
/** How soon to try again where the queue of the first link is full. */
const FULL_QUEUE_RETRY_MS = 5;
/** After so many time-outs in a row everything on its way counts as lost. */
const TIMEOUTS_UNTIL_ALL_LOST = 2;

/**
 * One priority of a channel, both ways: packs frames into segments, sends them again until they are acknowledged,
 * as many at once as the congestion window allows, and puts the peer's back in order.
 */
export class SegmentFlow {
  readonly #options: SegmentFlowOptions;
  readonly #outgoing = new OutgoingSegments();
  readonly #incoming: IncomingSegments;
  readonly #congestion: CongestionWindow;
  readonly #roundTrip = new RoundTrip();
  readonly #lossTimer: SoonestTimer;
  readonly #ackTimer: SoonestTimer;
  #peerWindowBytes = Number.POSITIVE_INFINITY;
  #timeouts = 0;
  #lastSentAt = 0;
  #reorderedAt: number | undefined;
  #retryAt: number | undefined;
  #sentBytes = 0;
  #resentBytes = 0;
  #unacknowledged = 0;
  #arrivedAt = 0;
  #ackWanted = false;
  readonly #buffers = new SegmentBuffers(SEGMENT_BYTES);

  constructor(options: SegmentFlowOptions) {
    this.#options = options;
    this.#congestion = new CongestionWindow(options.priority === Priority.BULK);
    this.#incoming = new IncomingSegments(options.deliver);
    this.#lossTimer = new SoonestTimer(options.clock, () => this.#onLossTimer());
    this.#ackTimer = new SoonestTimer(options.clock, () => this.wantAck());
  }

  /** Whether everything that was sent has been acknowledged, and nothing waits. */
  get isQuiet(): boolean {
    return this.#outgoing.isEmpty && this.#options.queuedBytes() === 0;
  }

  /** Bytes of segments: all that were sent, those of them that were sent again, and those that may be on their way. */
  get traffic(): FlowTraffic {
    return {
      sentBytes: this.#sentBytes,
      resentBytes: this.#resentBytes,
      onTheirWayBytes: this.#outgoing.bytesOnTheirWay,
    };
  }

  /** Milliseconds there and back; undefined before it was measured. */
  get roundTripMs(): number | undefined {
    return this.#roundTrip.smoothedMs;
  }

  /** An acknowledgement shall leave with the next flush, also if nothing new arrived. */
  wantAck(): void {
    if (this.#ackWanted) return;
    this.#ackWanted = true;
    this.#options.wantFlush();
  }

  /** The acknowledgement that is due; undefined if none is. */
  takeAck(): Uint8Array | undefined {
    if (!this.#ackWanted) return undefined;
    this.#ackWanted = false;
    this.#unacknowledged = 0;
    this.#ackTimer.cancel();
    const waitedMs = this.#options.clock.monotonic() - this.#arrivedAt;
    const ack: AcknowledgementInit = {
      priority: this.#options.priority,
      cumulative: BigInt(this.#incoming.cumulative),
      ranges: this.#incoming
        .ranges()
        .map(({ first, last }) => ({ first: BigInt(first), last: BigInt(last) })),
      delayUs: Math.min(Math.max(Math.round(waitedMs * 1000), 0), LONGEST_ACK_DELAY_MS * 1000),
      windowBytes: this.#incoming.windowBytes,
    };
    return Acknowledgement.encode(ack);
  }

  /** Packs what waits into one segment, as if it were sent: it rides on a message of the handshake. */
  packFirst(): Uint8Array | undefined {
    if (this.#options.queuedBytes() === 0) return undefined;
    const segment = this.#pack();
    this.#note(segment);
    return segment.plaintext;
  }

  /** Sends what is lost and what waits, as far as the window allows. */
  flush(): void {
    const outgoing = this.#outgoing;
    const waits = this.#retryAt !== undefined && this.#retryAt > this.#options.clock.monotonic();
    while (!waits) {
      const lost = outgoing.firstLost();
      if (lost === undefined && this.#options.queuedBytes() === 0) break;
      if (outgoing.bytesOnTheirWay > 0 && !this.#hasRoom(lost?.plaintext.length ?? 0)) break;
      if (lost === undefined && outgoing.size >= MOST_SEGMENTS) break;
      if (!this.#send(lost ?? this.#pack())) break;
    }
    this.#arm();
  }

  /** Takes a segment of the peer. What `deliver` throws passes through. */
  arrived(sequence: number, segment: Uint8Array): void {
    const hadGaps = this.#incoming.hasGaps;
    this.#arrivedAt = this.#options.clock.monotonic();
    const arrival = this.#incoming.take(sequence, segment);
    this.#unacknowledged++;
    const isLarge = segment.length > LARGE_SEGMENT_BYTES;
    if (arrival !== "in-order" || hadGaps || this.#unacknowledged >= SEGMENTS_PER_ACK) this.wantAck();
    else this.#ackTimer.schedule(this.#arrivedAt + (isLarge ? LARGE_ACK_DELAY_MS : LONGEST_ACK_DELAY_MS));
  }

  /** Takes the peer's acknowledgement. Throws StatusError if it is for what was never sent. */
  acknowledged(ack: Acknowledgement): void {
    const outgoing = this.#outgoing;
    const now = this.#options.clock.monotonic();
    const ranges: Range[] = ack.ranges.map(({ first, last }) => ({
      first: Number(first),
      last: Number(last),
    }));
    const highest = Math.max(Number(ack.cumulative), ...ranges.map(({ last }) => last));
    if (highest >= outgoing.nextSequence) throw badFrame("it acknowledges what was never sent");
    const full = !this.#hasRoom(2 * SEGMENT_BYTES);
    const { arrived, newest } = outgoing.acknowledge(
      Number(ack.cumulative),
      ranges,
      now,
      this.#roundTrip.leastMs,
    );
    this.#peerWindowBytes = ack.windowBytes;
    if (newest !== undefined) this.#measured(now - newest.sentAt, ack.delayUs / 1000, newest.transmission);
    for (const { plaintext, transmission } of arrived) {
      this.#congestion.arrived(plaintext.length, transmission, full);
      // Nobody else holds it: what was sent of it was sealed into memory of its own.
      this.#buffers.give(plaintext);
    }
    if (arrived.length > 0) this.#timeouts = 0;
    // A channel that is quiet keeps no memory for what it may send one day.
    if (outgoing.isEmpty) this.#buffers.clear();
    this.#detectLosses(now);
    if (outgoing.hasLost || this.#options.queuedBytes() > 0) this.#options.wantFlush();
    else this.#arm();
  }

  /** The way to the peer is another one: what was on the old one counts as lost. */
  routeChanged(): void {
    this.#outgoing.loseAll();
    this.#timeouts = 0;
    this.#retryAt = undefined;
    this.#roundTrip.reset();
    // The acknowledgements that were on the old one are lost too: without this one the peer sends again what is here.
    if (this.#incoming.cumulative > 0) this.wantAck();
    this.#options.wantFlush();
  }

  /** A packet may have been dropped on the way: looks at once whether the oldest arrived. */
  suspectLoss(): void {
    const oldest = this.#outgoing.oldest();
    const now = this.#options.clock.monotonic();
    // A hint is not authenticated: it may cost one retransmission per round trip, and no more.
    if (oldest?.state !== "on-its-way" || now - oldest.sentAt < this.#roundTrip.timeoutMs(0) / 2) return;
    this.#outgoing.lose(oldest);
    this.#options.wantFlush();
  }

  /** Forgets everything; no timer is left. */
  close(): void {
    this.#lossTimer.cancel();
    this.#ackTimer.cancel();
    this.#outgoing.clear();
    this.#buffers.clear();
    this.#incoming.clear();
  }

  #measured(elapsedMs: number, delayMs: number, transmission: number): void {
    this.#roundTrip.measured(elapsedMs, delayMs);
    if (this.#options.priority !== Priority.BULK) return;
    const { leastMs } = this.#roundTrip;
    this.#congestion.giveWay(elapsedMs - delayMs, leastMs, transmission, this.#outgoing.transmission);
  }

  #hasRoom(bytes: number): boolean {
    const window = Math.min(this.#congestion.bytes, this.#peerWindowBytes);
    return this.#outgoing.bytesOnTheirWay + bytes <= window;
  }

  #pack(): OutgoingSegment {
    const size = Math.min(SEGMENT_BYTES, SEGMENT_HEADER_BYTES + this.#options.queuedBytes());
    const buffer = this.#buffers.take(size);
    writeSegmentHeader(this.#outgoing.nextSequence, this.#options.priority === Priority.BULK, buffer);
    const end = this.#options.pack(buffer, SEGMENT_HEADER_BYTES);
    return this.#outgoing.add(end === size ? buffer : buffer.subarray(0, end));
  }

  /** False: it did not leave, and will be tried again. */
  #send(segment: OutgoingSegment): boolean {
    const outcome = this.#options.transmit(segment.plaintext);
    if (outcome === "queued") {
      this.#note(segment);
      return true;
    }
    this.#retryAt = this.#options.clock.monotonic();
    if (outcome === "queue-full") {
      this.#congestion.lost(this.#outgoing.transmission, this.#outgoing.transmission);
      this.#retryAt += FULL_QUEUE_RETRY_MS;
    } else {
      // The next route to appear is heard of; this is for the case that it was there all the time.
      this.#retryAt += this.#roundTrip.timeoutMs(this.#timeouts++);
    }
    return false;
  }

  #note(segment: OutgoingSegment): void {
    this.#lastSentAt = this.#options.clock.monotonic();
    this.#retryAt = undefined;
    this.#outgoing.sent(segment, this.#lastSentAt);
    this.#sentBytes += segment.plaintext.length;
    if (segment.transmissions > 1) this.#resentBytes += segment.plaintext.length;
  }

  #detectLosses(now: number): void {
    this.#reorderedAt = this.#outgoing.detectLosses(now, this.#roundTrip.reorderingMs, ({ transmission }) =>
      this.#congestion.lost(transmission, this.#outgoing.transmission),
    );
  }

  #onLossTimer(): void {
    const now = this.#options.clock.monotonic();
    if (this.#reorderedAt !== undefined && this.#reorderedAt <= now) this.#detectLosses(now);
    const oldest = this.#outgoing.oldest();
    const expired = this.#lastSentAt + this.#roundTrip.timeoutMs(this.#timeouts) <= now;
    if (expired && oldest !== undefined && this.#outgoing.bytesOnTheirWay > 0) {
      if (this.#timeouts++ >= TIMEOUTS_UNTIL_ALL_LOST) {
        this.#outgoing.loseAll();
        this.#congestion.collapse(this.#outgoing.transmission);
      }
      // Its answer tells what of the rest is lost: sent whatever the window says.
      this.#send(oldest);
    }
    if (this.#retryAt !== undefined && this.#retryAt <= now) this.#retryAt = undefined;
    this.#options.wantFlush();
  }

  #arm(): void {
    const due = [this.#reorderedAt, this.#retryAt];
    if (this.#outgoing.bytesOnTheirWay > 0) {
      due.push(this.#lastSentAt + this.#roundTrip.timeoutMs(this.#timeouts));
    }
    const known = due.filter((moment) => moment !== undefined);
    if (known.length === 0) this.#lossTimer.cancel();
    else this.#lossTimer.schedule(Math.min(...known));
  }
}

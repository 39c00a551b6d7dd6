import type { Clock, Logger } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import {
  Acknowledgement,
  ChannelClose,
  ChannelCloseReason,
  ChannelProbe,
  DedupClass,
  Priority,
  StatusError,
} from "@clawmatrix/protocol";
import { freeAtOnce } from "../packet/free-at-once.ts";
import type { PacketCarrier } from "../packet-carrier.ts";
import { CallLanes } from "./call-lanes.ts";
import { closedByPeer, notUsed, silent } from "./channel-errors.ts";
import type { PeerHello } from "./channel-handshake.ts";
import { readSegmentHeader, SEGMENT_HEADER_BYTES, writeSegmentHeader } from "./channel-packets.ts";
import type { ChannelSeal } from "./channel-seal.ts";
import { type ChannelLimits, ChannelWatch } from "./channel-watch.ts";
import { ConduitEvents } from "./conduit-events.ts";
import type { ConduitCounts, FrameConduit, Lane, LaneAcceptor, LaneReceiver } from "./frame-conduit.ts";
import { badFrame, frameBytes, readFrames, writeFrame } from "./frame-layout.ts";
import { type FlowTraffic, SegmentFlow } from "./segment-flow.ts";

export interface ChannelOptions {
  readonly carrier: PacketCarrier;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Calls back at the end of this turn of the event loop. */
  readonly endOfTurn: (callback: () => void) => void;
  readonly limits: ChannelLimits;
  readonly hello: PeerHello;
  /** This side began the handshake: its calls have the odd numbers. */
  readonly initiator: boolean;
  /** By which this side, and the peer, know the channel. */
  readonly localId: number;
  readonly peerId: number;
  /** Whether the peer is a member now. */
  readonly isMember: () => boolean;
  /**
   * Begins to seal, with the first segment if there is one: by the initiator's last message of the handshake, which
   * goes out with it; by the responder at once.
   */
  readonly begin: (firstSegment: Uint8Array | undefined) => ChannelSeal;
}

/** An established channel with one boot of one peer. `ChannelManager` opens it and feeds it packets. */
export class Channel implements FrameConduit {
  readonly hello: PeerHello;
  readonly initiator: boolean;
  readonly localId: number;
  readonly peerId: number;
  readonly #options: ChannelOptions;
  readonly #lanes: CallLanes;
  readonly #interactive: SegmentFlow;
  readonly #bulk: SegmentFlow;
  readonly #events = new ConduitEvents();
  readonly #watch: ChannelWatch;
  #seal: ChannelSeal | undefined;
  #confirmed = false;
  #flushing = false;
  /** The peer says that it does not know this channel. */
  isDisowned = false;
  /** Another channel to the same peer is used for new calls. */
  isRetired = false;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.hello = options.hello;
    this.initiator = options.initiator;
    this.localId = options.localId;
    this.peerId = options.peerId;
    this.#lanes = new CallLanes({
      firstCall: options.initiator ? 1 : 2,
      onQueued: () => this.#wantFlush(),
      onBusy: () => this.#watch.busy(),
      onEmpty: () => this.#watch.active(),
      logger: options.logger,
      clock: options.clock,
    });
    this.#interactive = this.#flow(Priority.INTERACTIVE);
    this.#bulk = this.#flow(Priority.BULK);
    this.#watch = new ChannelWatch({
      clock: options.clock,
      limits: options.limits,
      isWaiting: () => this.#isWaiting(),
      probe: () => this.#probe(),
      onSilent: (silentMs) => this.fail(silent(this.peer, silentMs)),
      onIdle: () =>
        this.close(notUsed(), this.isRetired ? ChannelCloseReason.DUPLICATE : ChannelCloseReason.IDLE),
    });
    if (!options.initiator) {
      this.#confirmed = true;
      this.#seal = options.begin(undefined);
      // The initiator learns by this that its last message has arrived.
      this.#interactive.wantAck();
    }
    this.#events.setReconnecting(!this.#hasRoute());
    this.#wantFlush();
    this.#watch.start();
  }

  get peer(): NodeId {
    return this.hello.nodeId;
  }

  /** Whether the peer is a member of the mesh now; a stranger may only ask for admission. */
  get member(): boolean {
    return this.#options.isMember();
  }

  /** Whether the peer has shown that the handshake is finished on its side too. */
  get confirmed(): boolean {
    return this.#confirmed;
  }

  /** Smoothed round-trip time in milliseconds; undefined before it was measured. */
  get roundTripMs(): number | undefined {
    return this.#interactive.roundTripMs ?? this.#bulk.roundTripMs;
  }

  /** Bytes of segments, of both priorities: what was sent, what of it again, and what is on its way. */
  get traffic(): FlowTraffic {
    const [a, b] = [this.#interactive.traffic, this.#bulk.traffic];
    return {
      sentBytes: a.sentBytes + b.sentBytes,
      resentBytes: a.resentBytes + b.resentBytes,
      onTheirWayBytes: a.onTheirWayBytes + b.onTheirWayBytes,
    };
  }

  get openCalls(): number {
    return this.#lanes.size;
  }

  get counts(): ConduitCounts {
    return this.#lanes.counts;
  }

  get ended(): StatusError | undefined {
    return this.#lanes.ended;
  }

  get reconnecting(): boolean {
    return this.#events.reconnecting;
  }

  open(priority: Priority, receiver: LaneReceiver): Lane {
    return this.#lanes.open(priority, receiver);
  }

  accept(acceptor: LaneAcceptor): void {
    this.#lanes.accept(acceptor);
  }

  onEnded(listener: (error: StatusError) => void): () => void {
    return this.#events.onEnded(listener);
  }

  onReconnecting(listener: (reconnecting: boolean) => void): () => void {
    return this.#events.onReconnecting(listener);
  }

  close(error: StatusError, reason: ChannelCloseReason = ChannelCloseReason.IDLE): void {
    if (this.ended !== undefined) return;
    if (this.#seal !== undefined) {
      this.#sendFrame(ChannelClose.number, ChannelClose.encode({ reason }));
    }
    this.fail(error);
  }

  /** Ends it without a word to the peer, which does not know it or cannot be reached. */
  fail(error: StatusError): void {
    if (this.ended !== undefined) return;
    this.#watch.stop();
    this.#interactive.close();
    this.#bulk.close();
    this.#lanes.end(error);
    this.#events.end(error);
  }

  /** Takes a sealed packet. Bad ones are dropped; a bad frame in an intact one ends the channel. */
  packet(packet: Uint8Array): void {
    if (this.ended !== undefined || this.#seal === undefined) return;
    const segment = this.#seal.open(packet);
    if (segment === undefined) return;
    this.#watch.heard();
    this.#confirmed = true;
    this.segment(segment);
  }

  /** Takes a segment, as it came out of a packet or of the handshake's last message. */
  segment(segment: Uint8Array): void {
    try {
      if (segment.length < SEGMENT_HEADER_BYTES) throw badFrame("a segment is cut off");
      const { sequence, bulk } = readSegmentHeader(segment);
      if (sequence === 0) readFrames(segment, SEGMENT_HEADER_BYTES, this.#onControlFrame);
      else {
        this.#watch.active();
        (bulk ? this.#bulk : this.#interactive).arrived(sequence, segment);
      }
    } catch (thrown) {
      const error = StatusError.from(thrown);
      this.#options.logger.warn("a channel was closed: its peer broke the protocol", {
        peer: this.peer,
        error: error.message,
      });
      this.close(error, ChannelCloseReason.BAD_FRAME);
    }
  }

  /** The peer has sent the handshake's last message again: it has not heard yet that it arrived. */
  confirmAgain(): void {
    this.#interactive.wantAck();
  }

  /** The way to the peer has appeared, changed or gone. */
  routeChanged(): void {
    if (this.ended !== undefined) return;
    const reachable = this.#hasRoute();
    this.#events.setReconnecting(!reachable);
    if (!reachable) return;
    this.#interactive.routeChanged();
    this.#bulk.routeChanged();
    // A peer that has restarted says so, also when there is nothing to send again.
    if (this.#seal !== undefined && this.openCalls > 0) this.#probe();
  }

  /** A packet to the peer was dropped on its way, as somebody says. */
  suspectLoss(): void {
    this.#interactive.suspectLoss();
    this.#bulk.suspectLoss();
  }

  #flow(priority: Priority): SegmentFlow {
    const { carrier, hello, clock } = this.#options;
    const carryOptions = { bulk: priority === Priority.BULK };
    return new SegmentFlow({
      priority,
      clock,
      queuedBytes: () => this.#lanes.queuedBytes(priority),
      pack: (out, at) => this.#lanes.pack(priority, out, at),
      transmit: (segment) => {
        // Sealing costs; without a route it would be for nothing.
        if (this.#seal === undefined || !this.#hasRoute()) return "no-route";
        const parts = this.#seal.seal(segment);
        const outcome = carrier.send(hello.nodeId, parts, carryOptions);
        for (const part of parts) freeAtOnce(part);
        return outcome;
      },
      deliver: (segment) =>
        readFrames(segment, SEGMENT_HEADER_BYTES, (type, flags, call, bytes, start, end) => {
          if (this.ended !== undefined) return;
          if (call === 0) this.#control(type, bytes, start, end);
          else this.#lanes.deliver(priority, type, flags, call, bytes, start, end);
        }),
      wantFlush: () => this.#wantFlush(),
    });
  }

  #wantFlush(): void {
    if (this.#flushing || this.ended !== undefined) return;
    this.#flushing = true;
    this.#options.endOfTurn(this.#flush);
  }

  readonly #flush = (): void => {
    this.#flushing = false;
    if (this.ended !== undefined) return;
    this.#seal ??= this.#options.begin(this.#interactive.packFirst());
    this.#sendAck(this.#interactive);
    this.#sendAck(this.#bulk);
    this.#interactive.flush();
    this.#bulk.flush();
    // A flush that found nothing to send, as after a change of the route, is no use of the channel.
    if (this.#isWaiting()) this.#watch.active();
  };

  #sendAck(flow: SegmentFlow): void {
    const ack = flow.takeAck();
    if (ack !== undefined) this.#sendFrame(Acknowledgement.number, ack);
  }

  /** Sends a frame of the channel itself, once, in a packet of its own. */
  #sendFrame(type: number, payload: Uint8Array): void {
    if (this.#seal === undefined || !this.#hasRoute()) return;
    const frame = { type, flags: DedupClass.NONE, payload };
    const segment = Buffer.allocUnsafe(SEGMENT_HEADER_BYTES + frameBytes(frame, 0));
    writeSegmentHeader(0, false, segment);
    writeFrame(frame, 0, segment, SEGMENT_HEADER_BYTES);
    this.#options.carrier.send(this.peer, this.#seal.seal(segment));
  }

  readonly #onControlFrame = (
    type: number,
    _flags: number,
    call: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void => {
    // Frames of calls are never in such a segment; what a newer version puts there is ignored.
    if (call === 0 && this.ended === undefined) this.#control(type, bytes, start, end);
  };

  #control(type: number, bytes: Uint8Array, start: number, end: number): void {
    if (type === Acknowledgement.number) {
      const ack = Acknowledgement.decode(bytes, start, end);
      (ack.priority === Priority.BULK ? this.#bulk : this.#interactive).acknowledged(ack);
    } else if (type === ChannelProbe.number) this.#interactive.wantAck();
    else if (type === ChannelClose.number) {
      this.fail(closedByPeer(this.peer, ChannelClose.decode(bytes, start, end).reason));
    }
  }

  #hasRoute(): boolean {
    const { carrier } = this.#options;
    return carrier.isReachable(this.peer) || carrier.isNeighbour(this.peer);
  }

  /** Whether an answer of the peer is waited for: then silence means that it, or the way to it, is gone. */
  #isWaiting(): boolean {
    return this.openCalls > 0 || !this.#interactive.isQuiet || !this.#bulk.isQuiet;
  }

  #probe(): void {
    this.#sendFrame(ChannelProbe.number, ChannelProbe.encode({}));
  }

  /** For its manager: new calls go elsewhere from now on. */
  retire(): void {
    this.isRetired = true;
    this.#watch.retire();
  }
}

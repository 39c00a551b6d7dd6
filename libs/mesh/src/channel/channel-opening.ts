import type { Clock, Logger, Random } from "@clawmatrix/environment";
import type { Identity, NodeId, SessionKeys } from "@clawmatrix/identity";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import type { PacketCarrier } from "../packet-carrier.ts";
import type { Channel } from "./channel.ts";
import { ChannelHandshake, type LocalHello, type PeerHello } from "./channel-handshake.ts";
import { readUint32 } from "./channel-packets.ts";
import { SoonestTimer } from "./soonest-timer.ts";

export interface ChannelOpeningOptions {
  readonly carrier: PacketCarrier;
  readonly identity: Identity;
  readonly psk: Uint8Array;
  readonly hello: LocalHello;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly peer: NodeId;
  /** By which this side will know the channel. */
  readonly channelId: number;
  /** Whether a handshake that the peer began is being answered: then it is not disturbed. */
  readonly answering: () => boolean;
  /** Called once, when it has succeeded or failed. */
  readonly onOver: () => void;
}

/** The first packet is sent again after this time, then after twice as long, and so on up to the longest. */
const FIRST_RETRY_MS = 400;
const LONGEST_RETRY_MS = 3_000;
/** An opening without success is given up after this time, and so is a channel whose peer never confirms it. */
const OPENING_MS = 20_000;
const NOTHING = new Uint8Array(0);

/** One attempt to open a channel, as initiator: sends each handshake packet until it is answered. */
export class ChannelOpening {
  readonly #options: ChannelOpeningOptions;
  readonly channelId: number;
  /** The channel, once it is established. */
  readonly channel: Promise<Channel>;
  #resolve: (channel: Channel) => void = () => undefined;
  #reject: (error: StatusError) => void = () => undefined;
  readonly #timer: SoonestTimer;
  #handshake: ChannelHandshake;
  #packet: Uint8Array = NOTHING;
  #peerChannelId: number | undefined;
  #established: Channel | undefined;
  #retryMs = FIRST_RETRY_MS;
  #givesUpAt = 0;
  #over = false;

  constructor(options: ChannelOpeningOptions) {
    this.#options = options;
    this.channelId = options.channelId;
    this.channel = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = new SoonestTimer(options.clock, () => this.#again());
    this.#handshake = new ChannelHandshake({ role: "initiator", ...options });
  }

  start(): void {
    this.#givesUpAt = this.#options.clock.monotonic() + OPENING_MS;
    this.#packet = this.#handshake.writeFirst(this.channelId);
    this.#send();
  }

  /** Takes the responder's packet. Undefined: it was not for this opening, or did not fit and was dropped. */
  answered(packet: Uint8Array): { hello: PeerHello; peerChannelId: number } | undefined {
    if (readUint32(packet, 1) !== this.channelId || this.#over || this.#peerChannelId !== undefined) return;
    try {
      const hello = this.#handshake.readSecond(packet);
      this.#peerChannelId = readUint32(packet, 5);
      return { hello, peerChannelId: this.#peerChannelId };
    } catch (thrown) {
      const error = StatusError.from(thrown);
      this.#options.logger.warn("the answer to the opening of a channel was refused", {
        peer: this.#options.peer,
        error: error.message,
      });
      // A version that does not fit will not fit the next time; damaged bytes may.
      if (error.reason === "version") this.fail(error);
      else this.#beginAgain();
      return undefined;
    }
  }

  /** Sends the last packet, with the first segment, until `channel` is confirmed by the peer. */
  finish(segment: Uint8Array | undefined, channel: Channel): SessionKeys {
    const peerChannelId = this.#peerChannelId ?? 0;
    const { packet, keys } = this.#handshake.writeThird(this.channelId, peerChannelId, segment ?? NOTHING);
    this.#packet = packet;
    this.#established = channel;
    this.#retryMs = FIRST_RETRY_MS;
    this.#givesUpAt = this.#options.clock.monotonic() + OPENING_MS;
    channel.onEnded(() => this.#timer.cancel());
    // A packet that was lost with a link goes again over the next one, not when the timer says so.
    channel.onReconnecting((reconnecting) => {
      if (!reconnecting && !channel.confirmed) this.#sendAtOnce();
    });
    this.#send();
    return keys;
  }

  /** There is a channel: this opening's own, or one that the peer has opened meanwhile. */
  resolve(channel: Channel): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer.cancel();
    this.#options.onOver();
    this.#resolve(channel);
  }

  fail(error: StatusError): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer.cancel();
    this.#options.onOver();
    this.#reject(error);
  }

  routeChanged(): void {
    if (!this.#over) this.#sendAtOnce();
  }

  #sendAtOnce(): void {
    this.#retryMs = FIRST_RETRY_MS;
    this.#send();
  }

  #beginAgain(): void {
    // A Noise handshake that has failed cannot be used again.
    this.#handshake = new ChannelHandshake({ role: "initiator", ...this.#options });
    this.#packet = this.#handshake.writeFirst(this.channelId);
  }

  #send(): void {
    const { carrier, peer, clock } = this.#options;
    carrier.send(peer, [this.#packet]);
    this.#timer.schedule(clock.monotonic() + this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, LONGEST_RETRY_MS);
  }

  #again(): void {
    const now = this.#options.clock.monotonic();
    const channel = this.#established;
    if (channel?.confirmed === true) return;
    if (now >= this.#givesUpAt) {
      const error = noAnswer(this.#options.peer);
      if (channel !== undefined) channel.fail(error);
      else this.fail(error);
    } else if (channel === undefined && this.#options.answering()) {
      this.#timer.schedule(now + this.#retryMs);
    } else this.#send();
  }
}

function noAnswer(peer: NodeId): StatusError {
  return new StatusError(
    StatusCode.UNAVAILABLE,
    `node ${peer} did not answer the opening of a channel within ${OPENING_MS / 1000} s`,
    { reason: "no-answer", hint: "see with `clawmatrix nodes` whether it is there, and try again" },
  );
}

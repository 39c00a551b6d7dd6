import type { Clock, Random, Timer } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import { CloseCode } from "@clawmatrix/protocol";
import { CONNECTION_BROKEN } from "../transport/transport.ts";
import { BackOff } from "./back-off.ts";

export interface DialerOptions {
  /** ws:// or wss:// */
  readonly address: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Connects once. Returns how to give that up; `attempt` is told what becomes of it. */
  readonly connect: (address: string, attempt: DialAttempt) => () => void;
  readonly hasLink: (node: NodeId) => boolean;
}

export interface DialAttempt {
  /** It became a link that stands. */
  linked(node: NodeId): void;
  /** It is over, as a link or before. `node` says who was there, if that was proved. */
  ended(code: number, reason: string, node: NodeId | undefined): void;
}

/** What a dialer does, for people. */
export interface DialerState {
  readonly address: string;
  readonly state: "connecting" | "linked" | "waiting" | "linked-otherwise" | "stopped";
  /** The node that was found there last. */
  readonly node: NodeId | undefined;
  /** Why the last attempt ended; empty if none has. */
  readonly reason: string;
  readonly code: number | undefined;
}

/** A link that has lived this long, in ms, was a good one: the next failure counts as the first. */
const GOOD_LINK_MS = 60_000;

/** Keeps a link with whoever is at one address: dials, waits, and dials again, for as long as it is not stopped. */
export class Dialer {
  readonly #options: DialerOptions;
  readonly #backOff: BackOff;
  #state: DialerState["state"] = "stopped";
  #node: NodeId | undefined;
  #reason = "";
  #code: number | undefined;
  #linkedAt: number | undefined;
  #attempt = 0;
  #giveUp: (() => void) | undefined;
  #timer: Timer | undefined;

  constructor(options: DialerOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options.random);
  }

  get state(): DialerState {
    const { address } = this.#options;
    return { address, state: this.#state, node: this.#node, reason: this.#reason, code: this.#code };
  }

  start(): void {
    if (this.#state === "stopped") this.#dial();
  }

  /** Dials no more. A link that stands lives on; what is being made is given up. */
  stop(): void {
    this.#timer?.cancel();
    const connecting = this.#state === "connecting";
    this.#state = "stopped";
    if (connecting) this.#giveUp?.();
  }

  /** A link with this node has gone, whoever had made it. */
  linkGone(node: NodeId): void {
    if (this.#state === "linked-otherwise" && node === this.#node) this.#wait(CONNECTION_BROKEN);
  }

  #dial(): void {
    this.#state = "connecting";
    this.#linkedAt = undefined;
    const number = ++this.#attempt;
    this.#giveUp = this.#options.connect(this.#options.address, {
      linked: (node) => {
        if (number !== this.#attempt || this.#state !== "connecting") return;
        this.#state = "linked";
        this.#node = node;
        this.#linkedAt = this.#options.clock.monotonic();
      },
      ended: (code, reason, node) => {
        if (number === this.#attempt && this.#state !== "stopped") this.#ended(code, reason, node);
      },
    });
  }

  #ended(code: number, reason: string, node: NodeId | undefined): void {
    this.#node = node ?? this.#node;
    this.#code = code;
    this.#reason = reason;
    const { clock, hasLink } = this.#options;
    if (this.#linkedAt !== undefined && clock.monotonic() - this.#linkedAt >= GOOD_LINK_MS)
      this.#backOff.reset();
    if (code === CloseCode.DUPLICATE && node !== undefined && hasLink(node)) this.#state = "linked-otherwise";
    else this.#wait(code);
  }

  #wait(code: number): void {
    this.#state = "waiting";
    this.#timer = this.#options.clock.schedule(this.#backOff.delayMs(code), () => this.#dial());
  }
}

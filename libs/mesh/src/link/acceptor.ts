import { KeyedRateLimit } from "@clawmatrix/bounded";
import type { Clock, Random } from "@clawmatrix/environment";
import { CloseCode } from "@clawmatrix/protocol";
import type { Connection } from "../transport/transport.ts";
import type { LinkHandshake } from "./link-handshake.ts";

export interface AcceptorOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Begins the handshake; `done` must be called when it has ended either way. */
  readonly begin: (connection: Connection, done: () => void) => LinkHandshake;
  readonly limits?: Partial<AcceptorLimits>;
}

export interface AcceptorLimits {
  /** Handshakes at once. One more, and the oldest of them is given up: who is honest needs milliseconds. Default: 64. */
  readonly handshakes: number;
  /** Handshakes at once from one address. Default: 32. */
  readonly handshakesPerAddress: number;
  /** Connections per second from one address, in the long run. Default: 16. */
  readonly connectionsPerSecond: number;
  /** Connections from one address at once after a pause. Default: 64. */
  readonly burst: number;
}

const LIMITS: AcceptorLimits = {
  handshakes: 64,
  handshakesPerAddress: 32,
  connectionsPerSecond: 16,
  burst: 64,
};
/** Addresses whose rate is known each by itself. */
const MAX_ADDRESSES = 4_096;

/** Bounds what those who have proved nothing yet can cost. */
export class Acceptor {
  readonly #options: AcceptorOptions;
  readonly #limits: AcceptorLimits;
  readonly #rate: KeyedRateLimit;
  /** Oldest first. */
  readonly #handshakes = new Map<LinkHandshake, string>();
  readonly #perAddress = new Map<string, number>();

  constructor(options: AcceptorOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#rate = new KeyedRateLimit({
      clock: options.clock,
      random: options.random,
      perSecond: this.#limits.connectionsPerSecond,
      burst: this.#limits.burst,
      keys: MAX_ADDRESSES,
    });
  }

  /** Handshakes that are not finished. */
  get pending(): number {
    return this.#handshakes.size;
  }

  accept(connection: Connection): void {
    const address = connection.remoteAddress;
    const pending = this.#perAddress.get(address) ?? 0;
    if (!this.#rate.take(address) || pending >= this.#limits.handshakesPerAddress) {
      connection.close(CloseCode.RATE_LIMITED, "too many connections from this address");
      return;
    }
    if (this.#handshakes.size >= this.#limits.handshakes) {
      const oldest = this.#handshakes.keys().next().value;
      oldest?.fail(CloseCode.RATE_LIMITED, "too many handshakes at once");
    }
    const handshake = this.#options.begin(connection, () => this.#done(handshake));
    this.#handshakes.set(handshake, address);
    this.#perAddress.set(address, pending + 1);
  }

  stop(): void {
    for (const handshake of [...this.#handshakes.keys()]) {
      handshake.fail(CloseCode.STOPPING, "the node is stopping");
    }
  }

  #done(handshake: LinkHandshake): void {
    const address = this.#handshakes.get(handshake);
    if (address === undefined) return;
    this.#handshakes.delete(handshake);
    const pending = (this.#perAddress.get(address) ?? 0) - 1;
    if (pending > 0) this.#perAddress.set(address, pending);
    else this.#perAddress.delete(address);
  }
}

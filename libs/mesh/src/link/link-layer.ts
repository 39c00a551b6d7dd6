import type { Clock, Logger, Random } from "@clawmatrix/environment";
import { formatNodeId, type SessionKeys } from "@clawmatrix/identity";
import { CloseCode } from "@clawmatrix/protocol";
import type { MembershipView } from "../membership-view.ts";
import type { MeshCounters } from "../mesh-counters.ts";
import type { BatchBuffers } from "../packet/batch-buffers.ts";
import type { Connection, ListenAddress, Listener, Transport } from "../transport/transport.ts";
import { Acceptor, type AcceptorLimits } from "./acceptor.ts";
import type { DialAttempt, DialerState } from "./dialer.ts";
import { Dialers } from "./dialers.ts";
import { Link } from "./link.ts";
import type { LinkEvents } from "./link-events.ts";
import { LinkHandshake } from "./link-handshake.ts";
import { LinkSet, type LinkSetEvents } from "./link-set.ts";
import type { OwnHello, PeerHello } from "./peer-hello.ts";
import type { Turn } from "./turn.ts";

export interface LinkLayerOptions {
  readonly own: OwnHello;
  /** 32 bytes, from the mesh secret. */
  readonly psk: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly turn: Turn;
  readonly buffers: BatchBuffers;
  readonly transport: Transport;
  readonly membership: MembershipView;
  readonly counters: MeshCounters;
  readonly events: LinkLayerEvents;
  readonly limits?: Partial<LinkLimits> | undefined;
}

export interface LinkLimits extends AcceptorLimits {
  /** Links in all. Default: 1,024. */
  readonly links: number;
  /** Links that nodes which are not members have made. Default: 32. */
  readonly strangers: number;
}

export interface LinkLayerEvents extends LinkSetEvents, Pick<LinkEvents, "packet" | "frame" | "costChanged"> {
  /** What came of dialling an address is over, or nothing came of it: `dialers` says why. */
  dialEnded(): void;
}

/** Makes links, by dialling and by accepting, and keeps those that stand. */
export class LinkLayer {
  readonly links: LinkSet;
  readonly #options: LinkLayerOptions;
  readonly #acceptor: Acceptor;
  readonly #dialers: Dialers;
  /** What is to be told of the links that were dialled. */
  readonly #attempts = new Map<Link, DialAttempt>();
  readonly #linkEvents: LinkEvents;
  #listener: Listener | undefined;
  #running = false;

  constructor(options: LinkLayerOptions) {
    const { own, clock, random, logger, membership, events, limits, counters } = options;
    this.#options = options;
    this.links = new LinkSet({
      nodeId: own.identity.nodeId,
      membership,
      clock,
      ...(limits?.links === undefined ? {} : { maxLinks: limits.links }),
      ...(limits?.strangers === undefined ? {} : { maxStrangers: limits.strangers }),
      events: {
        up: (link) => {
          counters.linksUp++;
          logger.info("a link is up", { peer: formatNodeId(link.nodeId), address: link.remoteAddress });
          this.#attempts.get(link)?.linked(link.nodeId);
          events.up(link);
        },
        down: (link, code, reason) => {
          counters.linksDown++;
          logger.info("a link is down", { peer: formatNodeId(link.nodeId), code, reason });
          events.down(link, code, reason);
          this.#dialers.linkGone(link.nodeId);
        },
        fellowshipChanged: (link) => events.fellowshipChanged(link),
      },
    });
    this.#acceptor = new Acceptor({
      clock,
      random,
      begin: (connection, done) => this.#shake(connection, undefined, done),
      ...(limits === undefined ? {} : { limits }),
    });
    this.#dialers = new Dialers({
      clock,
      random,
      connect: (address, attempt) => this.#connect(address, attempt),
      hasLink: (node) => this.links.has(node),
    });
    this.#linkEvents = {
      confirmed: (link) => this.links.confirmed(link),
      packet: events.packet,
      frame: events.frame,
      costChanged: events.costChanged,
      dropped: (_link, packets) => {
        counters.droppedQueueFull += packets;
      },
      closed: (link, code, reason) => this.#closed(link, code, reason),
    };
  }

  /** Where it listens; undefined: nowhere. */
  get address(): ListenAddress | undefined {
    return this.#listener?.address;
  }

  /** Handshakes that were begun by others and are not finished. */
  get pendingHandshakes(): number {
    return this.#acceptor.pending;
  }

  async start(listen: ListenAddress | undefined): Promise<void> {
    if (listen !== undefined) {
      this.#listener = await this.#options.transport.listen(listen, (connection) => this.#accept(connection));
    }
    this.#running = true;
    this.#dialers.start();
  }

  /** Closes every link and connection, and resolves when nothing of them is left. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#dialers.stop();
    this.#acceptor.stop();
    this.links.closeAll(CloseCode.STOPPING, "the node is stopping");
    const listener = this.#listener;
    this.#listener = undefined;
    await Promise.all([this.links.whenClosed(), listener?.close()]);
  }

  setAddresses(addresses: readonly string[]): void {
    this.#dialers.setAddresses(addresses);
  }

  dialers(): DialerState[] {
    return this.#dialers.states();
  }

  #accept(connection: Connection): void {
    this.links.track(connection);
    if (this.#running) this.#acceptor.accept(connection);
    else connection.close(CloseCode.STOPPING, "the node is stopping");
  }

  #connect(address: string, attempt: DialAttempt): () => void {
    const connection = this.#options.transport.dial(address);
    this.links.track(connection);
    const handshake = this.#shake(connection, attempt, () => undefined);
    return () => handshake.fail(CloseCode.STOPPING, "the address is not dialled any more");
  }

  /** `attempt` is there where this side has dialled. */
  #shake(connection: Connection, attempt: DialAttempt | undefined, done: () => void): LinkHandshake {
    const { own, psk, clock, random, logger, counters } = this.#options;
    const dialled = attempt !== undefined;
    return new LinkHandshake({
      connection,
      role: dialled ? "initiator" : "responder",
      own,
      psk,
      clock,
      random,
      refuses: (peer) => this.links.refusal(peer, dialled),
      onFinished: (peer, keys) => {
        done();
        this.#link(connection, peer, keys, attempt);
      },
      onFailed: (code, reason, peer) => {
        done();
        counters.handshakesFailed++;
        logger.debug("a connection did not become a link", {
          address: connection.remoteAddress,
          dialled,
          code,
          reason,
        });
        if (attempt === undefined) return;
        attempt.ended(code, reason, peer?.nodeId);
        this.#options.events.dialEnded();
      },
    });
  }

  #link(connection: Connection, peer: PeerHello, keys: SessionKeys, attempt: DialAttempt | undefined): void {
    const { own, clock, random, turn, buffers } = this.#options;
    const link = new Link({
      connection,
      keys,
      peer,
      dialled: attempt !== undefined,
      nodeId: own.identity.nodeId,
      clock,
      random,
      turn,
      buffers,
      heartbeatMs: own.heartbeatMs,
      events: this.#linkEvents,
    });
    if (attempt !== undefined) this.#attempts.set(link, attempt);
    this.links.add(link);
  }

  #closed(link: Link, code: number, reason: string): void {
    if (code === CloseCode.BAD_MESSAGE) {
      this.#options.counters.badMessages++;
      this.#options.logger.warn("a link was closed for bad bytes", {
        peer: formatNodeId(link.nodeId),
        reason,
      });
    }
    const attempt = this.#attempts.get(link);
    this.#attempts.delete(link);
    this.links.remove(link, code, reason);
    if (attempt === undefined) return;
    attempt.ended(code, reason, link.nodeId);
    this.#options.events.dialEnded();
  }
}

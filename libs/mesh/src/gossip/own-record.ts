import { createHash } from "node:crypto";
import { TokenBucket } from "@clawmatrix/bounded";
import type { Clock, Timer } from "@clawmatrix/environment";
import { type Identity, type NodeId, nodeIdToBytes } from "@clawmatrix/identity";
import {
  type AgentOfferInit,
  type LoadInit,
  type ModelOfferInit,
  NodeRecord,
  type NodeRecordInit,
  type ToolOfferInit,
} from "@clawmatrix/protocol";
import { type KeptRecord, signRecord } from "./signed-record.ts";

/** What a node says of itself, beside its keys and links. */
export interface OwnDescription {
  /** A label for people. */
  readonly name: string;
  readonly softwareVersion: string;
  readonly labels: readonly string[];
  /** ws:// and wss:// addresses at which others can dial this node. */
  readonly addresses: readonly string[];
  /** Whether it forwards packets for others. */
  readonly relays: boolean;
  readonly agents: readonly AgentOfferInit[];
  readonly models: readonly ModelOfferInit[];
  readonly tools: readonly ToolOfferInit[];
  readonly terminal: boolean;
  readonly load: LoadInit | undefined;
  /** Node ids of those that wait here for an operator to let them in. */
  readonly waiting: readonly Uint8Array[];
}

export interface OwnRecordOptions {
  readonly identity: Identity;
  /** 16 bytes, new at every start. */
  readonly bootId: Uint8Array;
  readonly clock: Clock;
  readonly description: OwnDescription;
  /** The highest version that this node has ever given its record; 0n: none. */
  readonly version: bigint;
  readonly onPublished: (record: KeptRecord) => void;
}

/** How long a change of links waits for further ones, in ms. */
const LINKS_DELAY_MS = 20;
/** Versions because of links, in the long run: links that flap cost the mesh no more than that. */
const LINK_VERSIONS_PER_SECOND = 5;
/** Versions that need not wait for that: a node that starts gets its links one after the other. */
const LINK_VERSIONS_BURST = 4;
/** The least time between two versions because of anything else, in ms. */
const DESCRIPTION_PAUSE_MS = 1_000;
/** Offers that take more bytes than this are replaced by their hash. */
const MAX_OFFER_BYTES = 16 * 1024;

/** This node's own record: changes are collected, and published as a new version that is signed once. */
export class OwnRecord {
  readonly #options: OwnRecordOptions;
  #description: OwnDescription;
  #links: ReadonlyMap<NodeId, number> = new Map();
  #version: bigint;
  #content: Uint8Array = new Uint8Array(0);
  #publishedAt = Number.NEGATIVE_INFINITY;
  readonly #linkVersions: TokenBucket;
  /** Links in the version that was published last. */
  #publishedLinks = 0;
  #timer: Timer | undefined;
  #due = 0;
  #running = false;

  constructor(options: OwnRecordOptions) {
    this.#options = options;
    this.#description = options.description;
    this.#version = options.version;
    this.#linkVersions = new TokenBucket({
      clock: options.clock,
      perSecond: LINK_VERSIONS_PER_SECOND,
      burst: LINK_VERSIONS_BURST,
    });
  }

  get description(): OwnDescription {
    return this.#description;
  }

  /** Publishes the first version of this boot. */
  start(): void {
    this.#running = true;
    this.#publish();
  }

  stop(): void {
    this.#running = false;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Changes some of the description. */
  update(changed: Partial<OwnDescription>): void {
    this.#description = { ...this.#description, ...changed };
    this.#publishBy(this.#publishedAt + DESCRIPTION_PAUSE_MS);
  }

  /**
   * The links with fellow members, and their costs in µs. The first of them is published at once, before the neighbour
   * is told anything: until then the mesh would believe that this node, and all behind it, cannot be reached.
   */
  setLinks(links: ReadonlyMap<NodeId, number>): void {
    this.#links = links;
    const { clock } = this.#options;
    const waitMs = this.#linkVersions.waitMs();
    if (this.#running && this.#publishedLinks === 0 && links.size > 0 && waitMs === 0) this.#publish();
    else this.#publishBy(clock.monotonic() + Math.max(LINKS_DELAY_MS, waitMs));
  }

  /**
   * The mesh knows a higher version of this node's record than this node does: its store is older than that, or a
   * copy of this node runs elsewhere; then the two outdo each other, at this pace.
   */
  overtake(version: bigint): void {
    if (version < this.#version) return;
    this.#version = version;
    this.#content = new Uint8Array(0);
    this.#publishBy(this.#publishedAt + DESCRIPTION_PAUSE_MS);
  }

  #publishBy(due: number): void {
    if (!this.#running || (this.#timer !== undefined && this.#due <= due)) return;
    this.#timer?.cancel();
    this.#due = due;
    this.#timer = this.#options.clock.schedule(due - this.#options.clock.monotonic(), () => {
      this.#timer = undefined;
      this.#publish();
    });
  }

  #publish(): void {
    const { identity, clock, onPublished } = this.#options;
    const content = this.#contentNow();
    const bytes = NodeRecord.encode(content);
    if (Buffer.compare(bytes, this.#content) === 0) return;
    this.#content = bytes;
    this.#version++;
    this.#publishedAt = clock.monotonic();
    this.#publishedLinks = this.#links.size;
    this.#linkVersions.take();
    const changedAtUnixMs = BigInt(Math.max(0, Math.round(clock.now())));
    onPublished(signRecord(identity, { ...content, version: this.#version, changedAtUnixMs }));
  }

  /** All but version and time. */
  #contentNow(): NodeRecordInit {
    const { identity, bootId } = this.#options;
    const { agents, models, tools, terminal, ...rest } = this.#description;
    const offers = { agents, models, tools };
    const offerBytes = NodeRecord.encode(offers);
    const links = [...this.#links].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      signingKey: identity.signing.publicKey,
      agreementKey: identity.agreement.publicKey,
      bootId,
      ...rest,
      links: links.map(([peer, costUs]) => ({ peer: nodeIdToBytes(peer), costUs })),
      terminal,
      ...(offerBytes.length <= MAX_OFFER_BYTES
        ? offers
        : { offersDigest: createHash("sha256").update(offerBytes).digest() }),
    };
  }
}

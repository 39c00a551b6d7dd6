import type { Clock, Random, Timer } from "@clawmatrix/environment";
import { type NodeId, nodeIdFromBytes, nodeIdToBytes } from "@clawmatrix/identity";
import { GossipDigest, GossipSummary, StatusCode, StatusError } from "@clawmatrix/protocol";
import type { Link } from "../link/link.ts";
import type { MembershipView } from "../membership-view.ts";
import { PushQueue } from "./push-queue.ts";
import { MAX_RECORDS, type RecordStore } from "./record-store.ts";

export interface GossipNeighbourOptions {
  /** This node. */
  readonly nodeId: NodeId;
  readonly link: Link;
  readonly clock: Clock;
  readonly random: Random;
  readonly membership: MembershipView;
  readonly records: RecordStore;
}

/** Neighbours compare what they know at random intervals between these, in ms. */
const SHORTEST_COMPARE_MS = 30_000;
const LONGEST_COMPARE_MS = 60_000;
/** An exchange of digests gets this long, in ms, before a further difference begins another one. */
const EXCHANGE_MS = 1_000;
/** Ids of membership entries in one digest; where more are known, the neighbour pushes some that are known already. */
const MAX_DIGEST_ENTRIES = 4_000;

/**
 * What passes between this node and one neighbour so that both come to know the same. Of the two, the one with
 * the lower id (by its bytes) answers a difference with a digest, and the other with its own summary: so a
 * difference that both notice at once leads to one exchange, not to two.
 */
export class GossipNeighbour {
  readonly link: Link;
  readonly queue: PushQueue;
  readonly #options: GossipNeighbourOptions;
  readonly #beginsExchange: boolean;
  #next: Timer | undefined;
  #again: Timer | undefined;
  #comparedAt = Number.NEGATIVE_INFINITY;
  #exchangedAt = Number.NEGATIVE_INFINITY;

  constructor(options: GossipNeighbourOptions) {
    const { link, clock, membership, records, nodeId } = options;
    this.#options = options;
    this.link = link;
    this.queue = new PushQueue({ link, clock, membership, records });
    this.#beginsExchange = Buffer.compare(nodeIdToBytes(nodeId), nodeIdToBytes(link.nodeId)) < 0;
  }

  start(): void {
    this.compare();
    this.#compareLater();
  }

  stop(): void {
    this.#next?.cancel();
    this.#again?.cancel();
    this.queue.stop();
  }

  /** Tells the neighbour in two hashes what this node knows. */
  compare(): void {
    const { membership, records, clock, link } = this.#options;
    this.#comparedAt = clock.monotonic();
    link.sendFrame(GossipSummary, { records: records.summary(), entries: membership.summary() });
  }

  /** The neighbour has told what it knows, in two hashes. */
  summary(theirs: GossipSummary): void {
    const { membership, records, clock } = this.#options;
    const same =
      Buffer.compare(theirs.records, records.summary()) === 0 &&
      Buffer.compare(theirs.entries, membership.summary()) === 0;
    if (same || this.#again !== undefined) return;
    const last = this.#beginsExchange ? this.#exchangedAt : Math.max(this.#exchangedAt, this.#comparedAt);
    const wait = last + EXCHANGE_MS - clock.monotonic();
    if (wait <= 0) {
      this.#answerDifference();
      return;
    }
    this.#again = clock.schedule(wait, () => {
      this.#again = undefined;
      // An exchange since then has settled it, as far as anybody knows.
      if (this.#exchangedAt <= last) this.#answerDifference();
      else this.compare();
    });
  }

  /** The neighbour has told what it knows, in detail. Throws StatusError where its bytes are bad. */
  digest(digest: GossipDigest): void {
    const { membership, records, clock } = this.#options;
    if (digest.records.length > MAX_RECORDS || digest.records.some(({ node }) => node.length !== 16)) {
      throw new StatusError(StatusCode.INVALID_ARGUMENT, "a digest is malformed", { reason: "bad-digest" });
    }
    this.#exchangedAt = clock.monotonic();
    const entries = new Set(digest.entries.map((id) => Buffer.from(id).toString("hex")));
    for (const { id } of membership.entries()) if (!entries.has(id)) this.queue.addEntry(id);
    const versions = new Map(digest.records.map(({ node, version }) => [nodeIdFromBytes(node), version]));
    for (const { nodeId, version } of records.records()) {
      if ((versions.get(nodeId) ?? -1n) < version) this.queue.addRecord(nodeId);
    }
    if (!digest.answer) this.#sendDigest(true);
  }

  #answerDifference(): void {
    if (this.#beginsExchange) this.#sendDigest(false);
    else this.compare();
  }

  #compareLater(): void {
    const { clock, random } = this.#options;
    const delay = SHORTEST_COMPARE_MS + random.fraction() * (LONGEST_COMPARE_MS - SHORTEST_COMPARE_MS);
    this.#next = clock.schedule(delay, () => {
      this.compare();
      this.#compareLater();
    });
  }

  #sendDigest(answer: boolean): void {
    const { clock, membership, records, link } = this.#options;
    this.#exchangedAt = clock.monotonic();
    const entries: Uint8Array[] = [];
    for (const { id } of membership.entries()) {
      if (entries.length >= MAX_DIGEST_ENTRIES) break;
      entries.push(Buffer.from(id, "hex"));
    }
    const versions = Array.from(records.records(), ({ nodeId, version }) => ({
      node: nodeIdToBytes(nodeId),
      version,
    }));
    link.sendFrame(GossipDigest, { records: versions, entries, answer });
  }
}

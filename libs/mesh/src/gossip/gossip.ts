import type { Clock, Random } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import {
  GossipDigest,
  GossipSummary,
  MembershipPush,
  RecordPush,
  SignedEntry,
  type SignedRecord,
  StatusCode,
  StatusError,
} from "@clawmatrix/protocol";
import type { Link } from "../link/link.ts";
import type { KeptEntry, MembershipView } from "../membership-view.ts";
import type { MeshCounters } from "../mesh-counters.ts";
import { GossipNeighbour } from "./gossip-neighbour.ts";
import { RecordStore } from "./record-store.ts";
import type { KeptRecord, RecordReader } from "./signed-record.ts";

export interface GossipOptions {
  /** This node. */
  readonly nodeId: NodeId;
  readonly clock: Clock;
  readonly random: Random;
  readonly membership: MembershipView;
  readonly counters: MeshCounters;
  readonly readRecord: RecordReader;
  /** A record is new, or of a new version; this node's own too. */
  readonly onRecord: (record: KeptRecord) => void;
  /** A record has gone, as its node is no member any more. */
  readonly onForgotten: (node: NodeId) => void;
  /** The mesh knows this node's own record in a version that this node does not know. */
  readonly onOvertaken: (version: bigint) => void;
}

/** Nodes whose records came before their admission. */
const MAX_EARLY = 64;

/** Spreads records and membership entries over the links with fellow members. */
export class Gossip {
  readonly records: RecordStore;
  readonly #options: GossipOptions;
  readonly #neighbours = new Map<Link, GossipNeighbour>();
  readonly #early = new Set<NodeId>();
  /** The link whose entries are being merged, as it need not be told of them. */
  #mergingFrom: Link | undefined;
  #endEntries: (() => void) | undefined;

  constructor(options: GossipOptions) {
    this.#options = options;
    this.records = new RecordStore(options.random);
  }

  /** Takes records that this node has stored itself. */
  preload(records: Iterable<KeptRecord>): void {
    for (const record of records) {
      if (this.records.isNews(record.nodeId, record.version) && this.#isWanted(record.nodeId))
        this.#keep(record);
    }
  }

  start(): void {
    this.#endEntries = this.#options.membership.onEntries((entries) => this.#spreadEntries(entries));
  }

  /** Spreads a new version of this node's own record. */
  publish(record: KeptRecord): void {
    this.#keep(record);
    this.#spreadRecord(record.nodeId, undefined);
  }

  /** A link between fellow members stands. */
  linkUp(link: Link): void {
    if (this.#neighbours.has(link)) return;
    const { nodeId, clock, random, membership } = this.#options;
    const neighbour = new GossipNeighbour({ nodeId, link, clock, random, membership, records: this.records });
    this.#neighbours.set(link, neighbour);
    neighbour.start();
  }

  linkDown(link: Link): void {
    this.#neighbours.get(link)?.stop();
    this.#neighbours.delete(link);
  }

  membershipChanged(node: NodeId): void {
    if (!this.#isWanted(node)) {
      // It learns of its revocation, signed, before its link ends: so it can say why it is alone.
      for (const [link, { queue }] of this.#neighbours) if (link.nodeId === node) queue.flush();
      if (this.records.delete(node)) this.#options.onForgotten(node);
    } else if (this.#early.delete(node)) {
      // Its record came too early and was dropped: the neighbours still have it.
      for (const neighbour of this.#neighbours.values()) neighbour.compare();
    }
  }

  /** Forgets a node that is away. It comes back when it does. */
  forget(node: NodeId): void {
    if (this.records.delete(node)) this.#options.onForgotten(node);
  }

  stop(): void {
    this.#endEntries?.();
    for (const link of [...this.#neighbours.keys()]) this.linkDown(link);
  }

  /** A frame of a fellow member. Throws StatusError where its bytes are bad. */
  frame(link: Link, type: number, message: Buffer): void {
    const neighbour = this.#neighbours.get(link);
    if (neighbour === undefined) return;
    if (type === MembershipPush.number) this.#readEntries(neighbour, message);
    else if (type === RecordPush.number) this.#readRecords(neighbour, message);
    else if (type === GossipSummary.number) neighbour.summary(GossipSummary.decode(message));
    else if (type === GossipDigest.number) neighbour.digest(GossipDigest.decode(message));
  }

  #readEntries({ link }: GossipNeighbour, message: Buffer): void {
    // Copied, as they are kept and would keep the batch.
    const entries = MembershipPush.decode(message).entries.map((entry) => SignedEntry.encode(entry));
    this.#mergingFrom = link;
    try {
      this.#options.membership.merge(entries);
    } finally {
      this.#mergingFrom = undefined;
    }
  }

  #spreadEntries(entries: readonly KeptEntry[]): void {
    for (const [link, { queue }] of this.#neighbours) {
      for (const { id } of entries) {
        if (link === this.#mergingFrom) queue.hasEntry(id);
        else queue.addEntry(id);
      }
    }
  }

  #readRecords(neighbour: GossipNeighbour, message: Buffer): void {
    for (const signed of RecordPush.decode(message).records) this.#readRecord(neighbour, signed);
  }

  #readRecord({ link, queue }: GossipNeighbour, signed: SignedRecord): void {
    const { counters, nodeId: self, readRecord, onOvertaken } = this.#options;
    counters.recordsReceived++;
    // Most of what comes is known: the same version came over another link first.
    const known = this.records.inPlaceOf(signed.record);
    if (known !== undefined) {
      counters.recordsKnown++;
      queue.hasRecord(known.nodeId, known.version);
      return;
    }
    const read = readRecord(signed);
    const { nodeId, version } = read.kept;
    queue.hasRecord(nodeId, version);
    if (!this.#isWanted(nodeId)) {
      counters.recordsRefused++;
      if (this.#early.size < MAX_EARLY) this.#early.add(nodeId);
      return;
    }
    if (!this.records.isNews(nodeId, version)) {
      counters.recordsKnown++;
      return;
    }
    if (!read.verify()) {
      counters.recordsRefused++;
      // The neighbour should not have taken it either.
      throw new StatusError(StatusCode.UNAUTHENTICATED, "a record is not signed by its node", {
        reason: "bad-record",
      });
    }
    if (nodeId === self) {
      onOvertaken(version);
      return;
    }
    this.#keep(read.kept);
    this.#spreadRecord(nodeId, link);
  }

  #keep(record: KeptRecord): void {
    this.records.set(record);
    this.#options.onRecord(record);
  }

  #spreadRecord(node: NodeId, but: Link | undefined): void {
    for (const [link, { queue }] of this.#neighbours) if (link !== but) queue.addRecord(node);
  }

  #isWanted(node: NodeId): boolean {
    return node === this.#options.nodeId || this.#options.membership.isMember(node);
  }
}

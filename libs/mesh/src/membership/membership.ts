import type { Logger } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import type { KeptEntry, MembershipView } from "../membership-view.ts";
import { type Entry, readEntry } from "./entry.ts";
import { EntrySet } from "./entry-set.ts";
import { type MemberRow, memberRows } from "./member-rows.ts";
import type { Mesh } from "./mesh.ts";
import { evaluate, type Standing } from "./standing.ts";

export interface MembershipOptions {
  readonly mesh: Mesh;
  /** What the store kept: bytes of `SignedEntry`, in any order. They are verified again. */
  readonly entries?: Iterable<Uint8Array>;
  /** Called once for each new entry, to store it. It may throw: `merge` logs that, `issue` reports it. */
  readonly keep?: (entry: KeptEntry) => void;
  readonly logger: Logger;
}

export interface MembershipCounts {
  readonly entries: number;
  /** Entries that wait for those that they depend on. */
  readonly waiting: number;
  /** Entries that were dropped since the start, by reason. */
  readonly dropped: ReadonlyMap<string, number>;
}

/** What happened to one batch of entries. */
interface Outcome {
  readonly added: readonly KeptEntry[];
  /** What `keep` threw, if anything. */
  readonly failures: readonly unknown[];
}

/**
 * Who belongs to the mesh: a set of signed entries that only grows, and what follows from it by the rules of
 * `evaluate`. It holds no clock and does no I/O; nodes that have the same entries agree.
 */
export class Membership implements MembershipView {
  readonly mesh: Mesh;
  readonly #set: EntrySet;
  readonly #keep: (entry: KeptEntry) => void;
  readonly #logger: Logger;
  readonly #changeListeners = new Set<(node: NodeId) => void>();
  readonly #entryListeners = new Set<(entries: readonly KeptEntry[]) => void>();
  readonly #dropped = new Map<string, number>();
  #standing: Standing;

  constructor(options: MembershipOptions) {
    this.mesh = options.mesh;
    this.#logger = options.logger;
    this.#keep = options.keep ?? (() => undefined);
    this.#set = new EntrySet(options.mesh, (_entry, why) => this.#countDropped(why));
    this.#set.add(this.#readAll(options.entries ?? []));
    this.#standing = evaluate(this.mesh.founderId, this.#set.entries());
  }

  isMember(node: NodeId): boolean {
    return this.#standing.members.has(node);
  }

  isRevoked(node: NodeId): boolean {
    return this.#standing.revoked.has(node);
  }

  isOperator(node: NodeId): boolean {
    return this.#standing.operators.has(node);
  }

  isFounder(node: NodeId): boolean {
    return node === this.mesh.founderId;
  }

  /** Everybody who belongs, and the revoked: the founder first, then by time. */
  members(): readonly MemberRow[] {
    return memberRows(this.mesh.founderId, this.#standing, this.#set.entries());
  }

  /** The row of one node; undefined where it neither belongs nor did. */
  member(node: NodeId): MemberRow | undefined {
    return this.members().find(({ id }) => id === node);
  }

  /** Who is what, for those who decide. */
  get standing(): Standing {
    return this.#standing;
  }

  /** The decoded entries, each after those that it depends on. */
  decisions(): IterableIterator<Entry> {
    return this.#set.entries();
  }

  /** The Ed25519 key of a node that is the founder or that somebody admitted; undefined for all others. */
  readonly keyOf: EntrySet["keyOf"] = (node) => this.#set.keyOf(node);

  onChange(listener: (node: NodeId) => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  /** Calls back with entries that are new here, whether or not they change who belongs. Returns how to end that. */
  onEntries(listener: (entries: readonly KeptEntry[]) => void): () => void {
    this.#entryListeners.add(listener);
    return () => this.#entryListeners.delete(listener);
  }

  entries(): Iterable<KeptEntry> {
    return this.#set.entries();
  }

  has(id: string): boolean {
    return this.#set.get(id) !== undefined;
  }

  get(id: string): KeptEntry | undefined {
    return this.#set.get(id);
  }

  summary(): Uint8Array {
    return this.#set.summary();
  }

  counts(): MembershipCounts {
    return { entries: this.#set.size, waiting: this.#set.waiting, dropped: new Map(this.#dropped) };
  }

  merge(entries: readonly Uint8Array[]): readonly KeptEntry[] {
    return this.#take(this.#readAll(entries)).added;
  }

  /**
   * Takes over entries that this node has just signed. Throws StatusError RESOURCE_EXHAUSTED ("membership-full") where the
   * mesh has no room for them, and INTERNAL ("not-stored") where they hold now but could not be stored.
   */
  issue(entries: readonly Uint8Array[]): void {
    const read = entries.map((bytes) => readEntry(bytes, this.mesh));
    const { failures } = this.#take(read);
    if (failures.length > 0) {
      throw new StatusError(
        StatusCode.INTERNAL,
        "the decision holds, but this node could not store it and would forget it at a restart",
        { reason: "not-stored", hint: "see the log; check the disk", cause: failures[0] },
      );
    }
    if (read.some(({ id }) => !this.has(id))) {
      throw new StatusError(
        StatusCode.RESOURCE_EXHAUSTED,
        "the mesh holds as many decisions about members as it can",
        {
          reason: "membership-full",
          hint: "found a new mesh, or let the founder decide, for whom some room is kept",
        },
      );
    }
  }

  #take(entries: readonly Entry[]): Outcome {
    const added = this.#set.add(entries);
    if (added.length === 0) return { added, failures: [] };
    const before = this.#standing;
    this.#standing = evaluate(this.mesh.founderId, this.#set.entries());
    const failures: unknown[] = [];
    for (const entry of added) {
      try {
        this.#keep(entry);
      } catch (failure) {
        failures.push(failure);
        this.#logger.error("a membership entry could not be stored", {
          id: entry.id,
          error: String(failure),
        });
      }
    }
    for (const listener of [...this.#entryListeners]) this.#tell(() => listener(added));
    for (const node of changed(before, this.#standing)) {
      for (const listener of [...this.#changeListeners]) this.#tell(() => listener(node));
    }
    return { added, failures };
  }

  /** One listener's error must not keep the others from hearing that a node was revoked. */
  #tell(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#logger.error("a listener of the membership failed", { error: String(error) });
    }
  }

  #readAll(entries: Iterable<Uint8Array>): Entry[] {
    const read: Entry[] = [];
    for (const bytes of entries) {
      try {
        read.push(readEntry(bytes, this.mesh));
      } catch (error) {
        this.#countDropped(StatusError.from(error).reason);
      }
    }
    return read;
  }

  #countDropped(why: string): void {
    this.#dropped.set(why, (this.#dropped.get(why) ?? 0) + 1);
    this.#logger.debug("a membership entry was dropped", { why });
  }
}

/** The nodes that belong, or are revoked, in only one of the two. */
function changed(before: Standing, after: Standing): Set<NodeId> {
  const nodes = new Set<NodeId>();
  for (const [one, other] of [
    [before, after],
    [after, before],
  ] as const) {
    for (const node of one.members.keys()) if (!other.members.has(node)) nodes.add(node);
    for (const node of one.revoked.keys()) if (!other.revoked.has(node)) nodes.add(node);
  }
  return nodes;
}

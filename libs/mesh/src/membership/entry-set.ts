import { type NodeId, VerifyingKey } from "@clawmatrix/identity";
import { ENTRY_ID_BYTES, type Entry } from "./entry.ts";
import type { Mesh } from "./mesh.ts";
import { verifyEntry } from "./verify-entry.ts";

/**
 * The most entries of a mesh. It only grows: some 1,000 members over years, decisions taken over included. The ids of
 * all of them fit into one packet (64 KiB), as gossip's digest needs it.
 */
export const MAX_ENTRIES = 4096;
/** The most bytes of all entries together: twice what 4,096 usual ones take. */
export const MAX_ENTRIES_BYTES = 4 * 1024 * 1024;
/** The most entries that are the word of one operator other than the founder, so that none fills the mesh alone. */
export const MAX_ENTRIES_PER_OPERATOR = 1024;
/** Entries that only the founder can add, so that it can always revoke. */
export const ENTRIES_RESERVED_FOR_FOUNDER = 512;
/**
 * The most uses of one voucher that are kept. One is honest, two come of a mesh that was cut apart; more only of a node
 * that wants to use up what its inviter may decide.
 */
export const MAX_USES_PER_VOUCHER = 8;
/** The most entries that wait for others that they depend on; the oldest leaves first. Gossip brings it again. */
export const MAX_WAITING_ENTRIES = 256;

/** Why an entry was not taken over. */
export type EntryRefusal =
  | "forged"
  | "expired-voucher"
  | "not-the-founder"
  | "operator-has-too-many"
  | "mesh-has-too-many"
  | "voucher-has-too-many"
  | "waited-in-vain";

type Judgement = "keep" | "wait" | EntryRefusal;

/**
 * The entries that a node keeps and spreads: those whose signatures are right and whose operator was appointed, at any
 * time, along a chain that ends at the founder. Later demotions and revocations do not shrink the set (they change what
 * its entries are worth, see `evaluate`), so it is the same whatever order entries arrive in.
 *
 * An entry may arrive before those it depends on; a bounded number of such ones waits, is not spread, and is looked
 * at again whenever something new is kept.
 */
export class EntrySet {
  readonly #mesh: Mesh;
  readonly #onRefused: (entry: Entry, why: EntryRefusal) => void;
  /** In the order of keeping: each comes after all that it depends on. */
  readonly #kept = new Map<string, Entry>();
  /** By id and signature, so that a forged copy of an entry cannot stand in the way of the real one. */
  readonly #waiting = new Map<string, Entry>();
  readonly #authentic = new WeakSet<Entry>();
  /** Who was an operator at any time. */
  readonly #appointed = new Set<NodeId>();
  readonly #signingKeys = new Map<NodeId, Uint8Array>();
  /** Of operators only: the others sign one entry, if any. */
  readonly #verifyingKeys = new Map<NodeId, VerifyingKey>();
  readonly #countByOperator = new Map<NodeId, number>();
  readonly #usesByVoucher = new Map<string, number>();
  readonly #summary = new Uint8Array(ENTRY_ID_BYTES);
  #bytes = 0;

  constructor(mesh: Mesh, onRefused: (entry: Entry, why: EntryRefusal) => void) {
    this.#mesh = mesh;
    this.#onRefused = onRefused;
    this.#appointed.add(mesh.founderId);
    this.#signingKeys.set(mesh.founderId, mesh.founder.signingKey);
  }

  get size(): number {
    return this.#kept.size;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** In an order in which each comes after those that it depends on. */
  entries(): IterableIterator<Entry> {
    return this.#kept.values();
  }

  get(id: string): Entry | undefined {
    return this.#kept.get(id);
  }

  /** XOR over the ids of all entries kept, 16 bytes. */
  summary(): Uint8Array {
    return Uint8Array.from(this.#summary);
  }

  /** The signing key of a node that is the founder or has an admission here. */
  readonly keyOf = (node: NodeId): Uint8Array | VerifyingKey | undefined => {
    const known = this.#verifyingKeys.get(node);
    if (known !== undefined) return known;
    const bytes = this.#signingKeys.get(node);
    if (bytes === undefined || !this.#appointed.has(node)) return bytes;
    const key = new VerifyingKey(bytes);
    this.#verifyingKeys.set(node, key);
    return key;
  };

  /** Takes over what can be; returns the entries that are kept from now on, each after those that it depends on. */
  add(entries: Iterable<Entry>): Entry[] {
    for (const entry of entries) {
      if (!this.#kept.has(entry.id)) this.#waiting.set(waitingKey(entry), entry);
    }
    const added: Entry[] = [];
    for (let before = -1; before !== added.length; ) {
      before = added.length;
      for (const [key, entry] of this.#waiting) {
        const judgement = this.#judge(entry);
        if (judgement === "wait") continue;
        this.#waiting.delete(key);
        if (judgement !== "keep") this.#onRefused(entry, judgement);
        else if (!this.#kept.has(entry.id)) {
          this.#keep(entry);
          added.push(entry);
        }
      }
    }
    this.#trimWaiting();
    return added;
  }

  #judge(entry: Entry): Judgement {
    if (!this.#appointed.has(entry.operator)) return "wait";
    const isFounder = entry.operator === this.#mesh.founderId;
    if (entry.decision.kind === "founding" && !isFounder) return "not-the-founder";
    if (!this.#authentic.has(entry)) {
      const authenticity = verifyEntry(entry, this.keyOf);
      if (authenticity === "unknown-signer") return "wait";
      if (authenticity !== "authentic") return authenticity;
      this.#authentic.add(entry);
    }
    if (!isFounder && (this.#countByOperator.get(entry.operator) ?? 0) >= MAX_ENTRIES_PER_OPERATOR) {
      return "operator-has-too-many";
    }
    const voucher = voucherIdOf(entry);
    if (voucher !== undefined && (this.#usesByVoucher.get(voucher) ?? 0) >= MAX_USES_PER_VOUCHER) {
      return "voucher-has-too-many";
    }
    const room = isFounder ? MAX_ENTRIES : MAX_ENTRIES - ENTRIES_RESERVED_FOR_FOUNDER;
    const full = this.#kept.size >= room || this.#bytes + entry.bytes.length > MAX_ENTRIES_BYTES;
    return full ? "mesh-has-too-many" : "keep";
  }

  #keep(entry: Entry): void {
    this.#kept.set(entry.id, entry);
    this.#bytes += entry.bytes.length;
    this.#countByOperator.set(entry.operator, (this.#countByOperator.get(entry.operator) ?? 0) + 1);
    const voucher = voucherIdOf(entry);
    if (voucher !== undefined) this.#usesByVoucher.set(voucher, (this.#usesByVoucher.get(voucher) ?? 0) + 1);
    const id = Buffer.from(entry.id, "hex");
    for (let i = 0; i < ENTRY_ID_BYTES; i++) this.#summary[i] = this.#summary[i]! ^ id[i]!;
    const { decision } = entry;
    if (decision.kind === "admission") this.#signingKeys.set(decision.node, decision.keys.signingKey);
    if (decision.kind === "appointment" && decision.operator) this.#appointed.add(decision.node);
  }

  #trimWaiting(): void {
    for (const [key, entry] of this.#waiting) {
      if (this.#waiting.size <= MAX_WAITING_ENTRIES) return;
      this.#waiting.delete(key);
      this.#onRefused(entry, "waited-in-vain");
    }
  }
}

function voucherIdOf({ decision }: Entry): string | undefined {
  return decision.kind === "admission" ? decision.voucher?.voucher.id : undefined;
}

function waitingKey(entry: Entry): string {
  return `${entry.id} ${Buffer.from(entry.signature).toString("latin1")}`;
}

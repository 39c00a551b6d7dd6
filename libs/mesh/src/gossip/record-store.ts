import type { Random } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import { NodeMap } from "../packet/node-map.ts";
import { peekRecord } from "./record-peek.ts";
import { DIGEST_BYTES, type KeptRecord } from "./signed-record.ts";

/** Records kept: twice the largest mesh. Only members have a record, so this is a second line of defence. */
export const MAX_RECORDS = 2_048;

/** The latest record of each node, and one hash over all of them. */
export class RecordStore {
  readonly #records = new Map<NodeId, KeptRecord>();
  /** By the first 16 bytes of the node's signing key. */
  readonly #byKey: NodeMap<KeptRecord>;
  readonly #summary = new Uint8Array(DIGEST_BYTES);

  constructor(random: Random) {
    this.#byKey = new NodeMap(random);
  }

  get size(): number {
    return this.#records.size;
  }

  get(node: NodeId): KeptRecord | undefined {
    return this.#records.get(node);
  }

  records(): Iterable<KeptRecord> {
    return this.#records.values();
  }

  /** XOR over the digest of each record: equal where the same is known. */
  summary(): Uint8Array {
    return Uint8Array.from(this.#summary);
  }

  /** Whether a record of this version is newer than what is known of the node. */
  isNews(node: NodeId, version: bigint): boolean {
    const known = this.#records.get(node);
    return known === undefined ? this.#records.size < MAX_RECORDS : known.version < version;
  }

  /**
   * What is kept in place of a record that has just come, in the same or a later version, seen by its first bytes.
   * Undefined: it may be news, and has to be decoded. Who sends what only begins like another node's record has told
   * nothing but that it has that one.
   */
  inPlaceOf(record: Uint8Array): { readonly nodeId: NodeId; readonly version: bigint } | undefined {
    const peek = peekRecord(record);
    if (peek === undefined) return undefined;
    const known = this.#byKey.get(record, peek.signingKeyAt);
    if (known === undefined || peek.version > known.version) return undefined;
    return { nodeId: known.nodeId, version: BigInt(peek.version) };
  }

  /** Keeps a record that `isNews`. */
  set(record: KeptRecord): void {
    const known = this.#records.get(record.nodeId);
    if (known !== undefined) this.#mix(known);
    this.#records.set(record.nodeId, record);
    this.#byKey.set(record.record.signingKey, record);
    this.#mix(record);
  }

  delete(node: NodeId): boolean {
    const known = this.#records.get(node);
    if (known === undefined) return false;
    this.#records.delete(node);
    this.#byKey.delete(known.record.signingKey);
    this.#mix(known);
    return true;
  }

  #mix({ digest }: KeptRecord): void {
    for (let i = 0; i < DIGEST_BYTES; i++) this.#summary[i]! ^= digest[i]!;
  }
}

import { createHash } from "node:crypto";
import { type NodeId, nodeIdToBytes } from "@clawmatrix/identity";
import type { KeptRecord } from "./signed-record.ts";

/** Records kept: twice the largest mesh. Only members have a record, so this is a second line of defence. */
export const MAX_RECORDS = 2_048;
const SUMMARY_BYTES = 16;

/** The latest record of each node, and one hash over all of them. */
export class RecordStore {
  readonly #records = new Map<NodeId, KeptRecord>();
  readonly #summary = new Uint8Array(SUMMARY_BYTES);

  get size(): number {
    return this.#records.size;
  }

  get(node: NodeId): KeptRecord | undefined {
    return this.#records.get(node);
  }

  records(): Iterable<KeptRecord> {
    return this.#records.values();
  }

  /** XOR over the first 16 bytes of SHA-256(node id, version) of each record: equal where the same is known. */
  summary(): Uint8Array {
    return Uint8Array.from(this.#summary);
  }

  /** Whether a record of this version is newer than what is known of the node. */
  isNews(node: NodeId, version: bigint): boolean {
    const known = this.#records.get(node);
    return known === undefined ? this.#records.size < MAX_RECORDS : known.version < version;
  }

  /** Keeps a record that `isNews`. */
  set(record: KeptRecord): void {
    this.delete(record.nodeId);
    this.#records.set(record.nodeId, record);
    this.#mix(record);
  }

  delete(node: NodeId): boolean {
    const known = this.#records.get(node);
    if (known === undefined) return false;
    this.#records.delete(node);
    this.#mix(known);
    return true;
  }

  #mix({ nodeId, version }: KeptRecord): void {
    const input = new Uint8Array(24);
    nodeIdToBytes(nodeId, input);
    new DataView(input.buffer).setBigUint64(16, version);
    const digest = createHash("sha256").update(input).digest();
    for (let i = 0; i < SUMMARY_BYTES; i++) this.#summary[i]! ^= digest[i]!;
  }
}

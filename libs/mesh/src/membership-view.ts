import type { NodeId } from "@clawmatrix/identity";

/** A signed membership entry as it is kept and spread: the bytes of a `SignedEntry`, under its id (hex, 32 characters). */
export interface KeptEntry {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** Who belongs to the mesh, as links, gossip and channels need to know it. */
export interface MembershipView {
  isMember(node: NodeId): boolean;
  isRevoked(node: NodeId): boolean;
  /** Calls back when a node has become a member or has ceased to be one. Returns how to end that. */
  onChange(listener: (node: NodeId) => void): () => void;
  /** Calls back with entries that are new here, from wherever they came. Returns how to end that. */
  onEntries(listener: (entries: readonly KeptEntry[]) => void): () => void;

  /** All entries known, for spreading. */
  entries(): Iterable<KeptEntry>;
  has(id: string): boolean;
  get(id: string): KeptEntry | undefined;
  /** XOR over the ids of all entries, 16 bytes: equal on nodes that know the same. */
  summary(): Uint8Array;
  /** Takes over what is valid and new; returns the entries that were new. Bad ones are dropped and logged. */
  merge(entries: readonly Uint8Array[]): readonly KeptEntry[];
}

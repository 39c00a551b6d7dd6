/** A signed membership entry, opaque to the store. */
export interface StoredMembershipEntry {
  /** 1 to 64 bytes. */
  readonly id: Uint8Array;
  /** The whole entry as it was signed; at most 64 KiB. */
  readonly bytes: Uint8Array;
}

/** The signed entries that say who belongs to the mesh. They are only added to, never changed. */
export interface MembershipEntries {
  /** Keeps the entry; false if one of this id is there already. Durable at the return. */
  put(entry: StoredMembershipEntry): boolean;
  get(id: Uint8Array): Uint8Array | undefined;
  /** All, in the order in which they came. */
  list(): StoredMembershipEntry[];
  count(): number;
}

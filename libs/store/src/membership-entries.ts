import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { checkBytes } from "./checked-values.ts";
import type { Database, Statement } from "./database.ts";

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

const MAX_ID_BYTES = 64;
const MAX_ENTRY_BYTES = 64 * 1024;
/** Some hundred changes for each of a mesh's 1,000 nodes: beyond that, somebody is flooding. */
const MAX_ENTRIES = 100_000;

/** The entries in the store's file. */
export class SqliteMembershipEntries implements MembershipEntries {
  readonly #database: Database;
  readonly #put: Statement<never>;
  readonly #get: Statement<{ bytes: Uint8Array }>;
  readonly #list: Statement<{ id: Uint8Array; bytes: Uint8Array }>;
  readonly #count: Statement<{ count: number }>;

  constructor(database: Database) {
    this.#database = database;
    this.#put = database.prepare("INSERT OR IGNORE INTO membership_entries (id, bytes) VALUES (?, ?)");
    this.#get = database.prepare("SELECT bytes FROM membership_entries WHERE id = ?");
    this.#list = database.prepare("SELECT id, bytes FROM membership_entries ORDER BY number");
    this.#count = database.prepare("SELECT count(*) AS count FROM membership_entries");
  }

  put(entry: StoredMembershipEntry): boolean {
    checkBytes("the id of a membership entry", entry.id, MAX_ID_BYTES, 1);
    checkBytes("a membership entry", entry.bytes, MAX_ENTRY_BYTES, 1);
    if (this.#get.get(entry.id) !== undefined) return false;
    return this.#database.transaction("durable", () => {
      if (this.count() >= MAX_ENTRIES) {
        throw new StatusError(
          StatusCode.RESOURCE_EXHAUSTED,
          `the store holds ${MAX_ENTRIES} membership entries already`,
        );
      }
      return this.#put.run(entry.id, entry.bytes) > 0;
    });
  }

  get(id: Uint8Array): Uint8Array | undefined {
    return this.#get.get(id)?.bytes;
  }

  list(): StoredMembershipEntry[] {
    return this.#list.all().map(({ id, bytes }) => ({ id, bytes }));
  }

  count(): number {
    return this.#count.get()?.count ?? 0;
  }
}

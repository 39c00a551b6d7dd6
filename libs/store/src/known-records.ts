import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { checkBytes, checkInteger } from "./checked-values.ts";
import type { Database, Statement } from "./database.ts";

/** The last record that gossip brought of a node. */
export interface KnownRecord {
  /** 16 bytes. */
  readonly nodeId: Uint8Array;
  readonly version: bigint;
  /** The whole signed record; at most 1 MiB. */
  readonly bytes: Uint8Array;
  /** When the node was last reachable, ms since 1970. */
  readonly lastSeenAt: number;
}

/** Records of all nodes ever seen and not forgotten, so that those that are away can still be shown. */
export interface KnownRecords {
  /** Keeps the record unless a later version is there already; says whether it was kept. */
  put(record: KnownRecord): boolean;
  /** Notes that the node was reachable at `time`, without a new record. */
  touch(nodeId: Uint8Array, time: number): void;
  get(nodeId: Uint8Array): KnownRecord | undefined;
  list(): KnownRecord[];
  delete(nodeId: Uint8Array): boolean;
  /** Forgets those last seen before `time`; returns how many. */
  deleteLastSeenBefore(time: number): number;
}

const NODE_ID_BYTES = 16;
const MAX_RECORD_BYTES = 1024 * 1024;
const MAX_VERSION = 2n ** 64n - 1n;
/** Four times the largest mesh. At the bound the node that was away for longest is forgotten. */
const MAX_RECORDS = 4_096;

interface Row {
  node_id: Uint8Array;
  version: Uint8Array;
  bytes: Uint8Array;
  last_seen_at: number;
}

/** The records in the store's file. A loss of power may cost the latest ones; gossip brings them again. */
export class SqliteKnownRecords implements KnownRecords {
  readonly #database: Database;
  readonly #put: Statement<never>;
  readonly #touch: Statement<never>;
  readonly #get: Statement<Row>;
  readonly #list: Statement<Row>;
  readonly #delete: Statement<never>;
  readonly #deleteOld: Statement<never>;
  readonly #holdToBound: Statement<never>;

  constructor(database: Database) {
    this.#database = database;
    this.#put = database.prepare(
      `INSERT INTO known_records (node_id, version, bytes, last_seen_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (node_id) DO UPDATE SET version = excluded.version, bytes = excluded.bytes,
         last_seen_at = max(last_seen_at, excluded.last_seen_at)
       WHERE excluded.version > version`,
    );
    this.#touch = database.prepare(
      "UPDATE known_records SET last_seen_at = max(last_seen_at, ?) WHERE node_id = ?",
    );
    this.#get = database.prepare("SELECT * FROM known_records WHERE node_id = ?");
    this.#list = database.prepare("SELECT * FROM known_records ORDER BY node_id");
    this.#delete = database.prepare("DELETE FROM known_records WHERE node_id = ?");
    this.#deleteOld = database.prepare("DELETE FROM known_records WHERE last_seen_at < ?");
    this.#holdToBound = database.prepare(
      `DELETE FROM known_records WHERE node_id IN (
         SELECT node_id FROM known_records WHERE node_id <> ? ORDER BY last_seen_at
         LIMIT max(0, (SELECT count(*) FROM known_records) - ${MAX_RECORDS}))`,
    );
  }

  put(record: KnownRecord): boolean {
    checkBytes("a node id", record.nodeId, NODE_ID_BYTES, NODE_ID_BYTES);
    checkBytes("a record", record.bytes, MAX_RECORD_BYTES, 1);
    checkInteger("the time a node was seen", record.lastSeenAt);
    const version = bytesOf(record.version);
    return this.#database.transaction("written", () => {
      const kept = this.#put.run(record.nodeId, version, record.bytes, record.lastSeenAt) > 0;
      if (kept) this.#holdToBound.run(record.nodeId);
      return kept;
    });
  }

  touch(nodeId: Uint8Array, time: number): void {
    this.#touch.run(checkInteger("the time a node was seen", time), nodeId);
  }

  get(nodeId: Uint8Array): KnownRecord | undefined {
    const row = this.#get.get(nodeId);
    return row && recordOf(row);
  }

  list(): KnownRecord[] {
    return this.#list.all().map(recordOf);
  }

  delete(nodeId: Uint8Array): boolean {
    return this.#delete.run(nodeId) > 0;
  }

  deleteLastSeenBefore(time: number): number {
    return this.#deleteOld.run(time);
  }
}

function bytesOf(version: bigint): Uint8Array {
  if (version < 0n || version > MAX_VERSION) {
    throw new StatusError(
      StatusCode.INVALID_ARGUMENT,
      "the version of a record must be an unsigned number of 64 bits",
    );
  }
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, version);
  return bytes;
}

function recordOf(row: Row): KnownRecord {
  const { buffer, byteOffset } = row.version;
  return {
    nodeId: row.node_id,
    version: new DataView(buffer, byteOffset).getBigUint64(0),
    bytes: row.bytes,
    lastSeenAt: row.last_seen_at,
  };
}

import type { Clock } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { checkBytes, checkInteger } from "./checked-values.ts";
import type { Database, Statement } from "./database.ts";

/** Names one call in the whole mesh: the node that made it, and its id there. Each 1 to 64 bytes. */
export interface CallKey {
  readonly source: Uint8Array;
  readonly callId: Uint8Array;
}

/**
 * What is known of a durable call. `interrupted`: the node's process ended while it ran, so that nobody knows how far
 * it came. Times are ms since 1970.
 */
export type ExecutedCall =
  | { readonly state: "running" | "interrupted"; readonly startedAt: number; readonly expiresAt: number }
  | {
      readonly state: "finished";
      readonly startedAt: number;
      readonly expiresAt: number;
      readonly result: Uint8Array;
    };

/**
 * The calls marked durable that were executed here, so that a request that comes again, also after a restart, is
 * answered from here and not executed twice (P5). What `begin` and `finish` note survives the end of the process. A loss
 * of power may cost the latest notes, but never a claim whose call has left something durable in this store: what was
 * written first is on the disk first. So neither waits for the disk, and a call that makes something durable waits once.
 */
export interface ExecutedCalls {
  /**
   * Claims a call before it is executed. Returns undefined if it is new (and now `running`), else what is known of it.
   * @throws StatusError `resource-exhausted` if the source has too many calls that have not expired.
   */
  begin(key: CallKey, expiresAt: number): ExecutedCall | undefined;
  /**
   * Keeps the result (at most 1 MiB) of a call that was begun, until `expiresAt` (ms since 1970).
   * @throws StatusError `not-found` if it was not begun, or expired meanwhile.
   */
  finish(key: CallKey, result: Uint8Array, expiresAt: number): void;
  lookup(key: CallKey): ExecutedCall | undefined;
  /** Forgets calls whose time is over at `now`; returns how many. A call that runs is kept. */
  purgeExpired(now: number): number;
  count(): number;
}

const MAX_KEY_BYTES = 64;
/** Results are answers such as the id of a handoff; what is large is a stream, and streams are not kept here. */
const MAX_RESULT_BYTES = 1024 * 1024;
/** As many as the generations of the dedup maps in memory hold of one node. */
const MAX_CALLS_PER_SOURCE = 10_000;

interface Row {
  state: ExecutedCall["state"];
  started_at: number;
  expires_at: number;
  result: Uint8Array | null;
}

/** The calls in the store's file. */
export class SqliteExecutedCalls implements ExecutedCalls {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #lookup: Statement<Row>;
  readonly #insert: Statement<never>;
  readonly #finish: Statement<never>;
  readonly #purge: Statement<never>;
  readonly #count: Statement<{ count: number }>;
  readonly #countSource: Statement<{ count: number }>;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    this.#lookup = database.prepare(
      "SELECT state, started_at, expires_at, result FROM executed_calls WHERE source = ? AND call_id = ?",
    );
    this.#insert = database.prepare(
      "INSERT OR REPLACE INTO executed_calls (source, call_id, state, started_at, expires_at) VALUES (?, ?, 'running', ?, ?)",
    );
    this.#finish = database.prepare(
      "UPDATE executed_calls SET state = 'finished', result = ?, expires_at = ? WHERE source = ? AND call_id = ?",
    );
    this.#purge = database.prepare("DELETE FROM executed_calls WHERE expires_at <= ? AND state <> 'running'");
    this.#count = database.prepare("SELECT count(*) AS count FROM executed_calls");
    this.#countSource = database.prepare("SELECT count(*) AS count FROM executed_calls WHERE source = ?");
    database.execute("UPDATE executed_calls SET state = 'interrupted' WHERE state = 'running'");
  }

  begin(key: CallKey, expiresAt: number): ExecutedCall | undefined {
    checkKey(key);
    checkInteger("the expiry of a call", expiresAt);
    const known = this.lookup(key);
    if (known !== undefined) return known;
    this.#database.transaction("written", () => {
      this.#makeRoom(key.source);
      this.#insert.run(key.source, key.callId, this.#clock.now(), expiresAt);
    });
    return undefined;
  }

  finish(key: CallKey, result: Uint8Array, expiresAt: number): void {
    checkKey(key);
    checkBytes("the result of a call", result, MAX_RESULT_BYTES);
    checkInteger("the expiry of a call", expiresAt);
    const changed = this.#database.transaction("written", () =>
      this.#finish.run(result, expiresAt, key.source, key.callId),
    );
    if (changed === 0)
      throw new StatusError(StatusCode.NOT_FOUND, "this call was not begun, or its result has expired");
  }

  lookup(key: CallKey): ExecutedCall | undefined {
    const row = this.#lookup.get(key.source, key.callId);
    if (row === undefined) return undefined;
    const times = { startedAt: row.started_at, expiresAt: row.expires_at };
    if (row.state === "running") return { state: "running", ...times };
    if (row.expires_at <= this.#clock.now()) return undefined;
    return row.state === "interrupted"
      ? { state: "interrupted", ...times }
      : { state: "finished", ...times, result: row.result ?? new Uint8Array() };
  }

  purgeExpired(now: number): number {
    return this.#purge.run(now);
  }

  count(): number {
    return this.#count.get()?.count ?? 0;
  }

  #makeRoom(source: Uint8Array): void {
    const full = () => (this.#countSource.get(source)?.count ?? 0) >= MAX_CALLS_PER_SOURCE;
    if (!full()) return;
    this.purgeExpired(this.#clock.now());
    if (!full()) return;
    throw new StatusError(
      StatusCode.RESOURCE_EXHAUSTED,
      `this node keeps the results of ${MAX_CALLS_PER_SOURCE} durable calls of yours already; try again when some have expired`,
    );
  }
}

function checkKey(key: CallKey): void {
  checkBytes("the source of a call", key.source, MAX_KEY_BYTES, 1);
  checkBytes("the id of a call", key.callId, MAX_KEY_BYTES, 1);
}

import { checkInteger, checkText } from "./checked-values.ts";
import type { Database, Statement } from "./database.ts";

/** One thing that somebody did, or was refused. Never bodies or secrets (P12). */
export interface AuditEntry {
  /** ms since 1970. */
  readonly time: number;
  /** Who: a node id as shown to people. */
  readonly subject: string;
  /** The capability or method used: `tool:exec`, `terminal`, … */
  readonly action: string;
  readonly outcome: "allowed" | "denied" | "failed";
  /** One line for people; cut at 4,096 characters. */
  readonly detail: string;
}

export interface StoredAuditEntry extends AuditEntry {
  /** Rises with every entry. */
  readonly id: number;
}

export interface AuditQuery {
  readonly subject?: string;
  /** Only entries before this id, for the next page. */
  readonly before?: number;
  /** 1 to 1,000. Default: 100. */
  readonly limit?: number;
}

/** Every refused call and every use of tools and terminals. Bounded: the oldest entries go first. */
export interface AuditLog {
  append(entry: AuditEntry): void;
  /** Latest first. */
  list(query?: AuditQuery): StoredAuditEntry[];
}

const MAX_SUBJECT_CHARACTERS = 128;
const MAX_ACTION_CHARACTERS = 256;
const MAX_DETAIL_CHARACTERS = 4_096;
/** A few weeks of a busy node; about 20 MB. */
const MAX_ENTRIES = 100_000;
const MAX_PAGE = 1_000;
const DEFAULT_PAGE = 100;

/** The log in the store's file. A loss of power may cost the latest entries. */
export class SqliteAuditLog implements AuditLog {
  readonly #database: Database;
  readonly #append: Statement<never>;
  readonly #trim: Statement<never>;
  readonly #list: Statement<StoredAuditEntry>;

  constructor(database: Database) {
    this.#database = database;
    this.#append = database.prepare(
      "INSERT INTO audit_entries (time, subject, action, outcome, detail) VALUES (?, ?, ?, ?, ?)",
    );
    this.#trim = database.prepare(
      `DELETE FROM audit_entries WHERE id <= (SELECT max(id) FROM audit_entries) - ${MAX_ENTRIES}`,
    );
    this.#list = database.prepare(
      `SELECT id, time, subject, action, outcome, detail FROM audit_entries
       WHERE id < ?1 AND (?2 IS NULL OR subject = ?2) ORDER BY id DESC LIMIT ?3`,
    );
  }

  append(entry: AuditEntry): void {
    checkInteger("the time of an audit entry", entry.time);
    checkText("the subject of an audit entry", entry.subject, MAX_SUBJECT_CHARACTERS);
    checkText("the action of an audit entry", entry.action, MAX_ACTION_CHARACTERS);
    const detail = entry.detail.slice(0, MAX_DETAIL_CHARACTERS).toWellFormed();
    this.#database.transaction("written", () => {
      this.#append.run(entry.time, entry.subject, entry.action, entry.outcome, detail);
      this.#trim.run();
    });
  }

  list(query: AuditQuery = {}): StoredAuditEntry[] {
    const limit = checkInteger("the limit of a page", query.limit ?? DEFAULT_PAGE, 1, MAX_PAGE);
    const before = checkInteger("the place of a page", query.before ?? Number.MAX_SAFE_INTEGER);
    return this.#list.all(before, query.subject ?? null, limit).map((row) => ({ ...row }));
  }
}

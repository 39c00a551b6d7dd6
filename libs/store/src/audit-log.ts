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

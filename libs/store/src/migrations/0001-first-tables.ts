import type { Migration } from "./migration.ts";

/**
 * Numbers of session events are kept in the session's row, so that the first and last one are known without a look
 * at the events, and a number is not used again after all events have been trimmed. Versions of records are eight
 * bytes, most significant first: they are unsigned, SQLite's integers are not, and bytes compare in the same order.
 */
export const firstTables: Migration = {
  version: 1,
  sql: `
    CREATE TABLE node_facts (
      name TEXT PRIMARY KEY,
      value BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE membership_entries (
      number INTEGER PRIMARY KEY,
      id BLOB NOT NULL UNIQUE,
      bytes BLOB NOT NULL
    ) STRICT;

    CREATE TABLE executed_calls (
      source BLOB NOT NULL,
      call_id BLOB NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('running', 'interrupted', 'finished')),
      started_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      result BLOB,
      PRIMARY KEY (source, call_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX executed_calls_by_expiry ON executed_calls (expires_at);

    CREATE TABLE sessions (
      key INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      agent_id TEXT NOT NULL,
      agent_session_id TEXT,
      cwd TEXT NOT NULL,
      title TEXT NOT NULL,
      description TEXT NOT NULL,
      owner_node TEXT NOT NULL,
      owner_client TEXT NOT NULL,
      trust_class TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('idle', 'running', 'permission', 'closed')),
      mode_id TEXT,
      mcp_servers_json TEXT NOT NULL,
      config_options_json TEXT NOT NULL,
      client_capabilities_json TEXT NOT NULL,
      meta_json TEXT NOT NULL,
      end_reason TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      closed_at INTEGER,
      first_event INTEGER NOT NULL DEFAULT 1,
      last_event INTEGER NOT NULL DEFAULT 0,
      event_bytes INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX sessions_by_change ON sessions (updated_at, id);
    CREATE INDEX sessions_by_state ON sessions (state, updated_at);
    CREATE INDEX sessions_by_agent ON sessions (agent_id, agent_session_id);

    CREATE TABLE session_events (
      session_key INTEGER NOT NULL REFERENCES sessions (key) ON DELETE CASCADE,
      seq INTEGER NOT NULL,
      time INTEGER NOT NULL,
      kind TEXT NOT NULL,
      payload BLOB NOT NULL,
      PRIMARY KEY (session_key, seq)
    ) STRICT;

    CREATE TABLE known_records (
      node_id BLOB PRIMARY KEY,
      version BLOB NOT NULL,
      bytes BLOB NOT NULL,
      last_seen_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX known_records_by_last_seen ON known_records (last_seen_at);

    CREATE TABLE audit_entries (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      time INTEGER NOT NULL,
      subject TEXT NOT NULL,
      action TEXT NOT NULL,
      outcome TEXT NOT NULL,
      detail TEXT NOT NULL
    ) STRICT;
    CREATE INDEX audit_entries_by_subject ON audit_entries (subject, id);
  `,
};

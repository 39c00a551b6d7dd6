export type { ProgramName } from "./programs/program.ts";
export {
  type StoredSession,
  StoredSessions,
  type StoredSessionsOptions,
  type StoredSessionsPage,
  type StoredSessionsQuery,
} from "./stored-sessions.ts";
export type { PageQuery, StoredEvent, TranscriptPage } from "./transcript/read-page.ts";

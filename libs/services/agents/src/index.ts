export type { AgentOfferState } from "./agent-fleet.ts";
export { type AgentSettings, DEFAULT_AGENT_SETTINGS, type PermissionDefault } from "./agent-settings.ts";
export { HTTP_AGENT_KEY, type HttpAgentIntroduction } from "./http-agent/introduction.ts";
export type { PermissionRule } from "./inputs/permission-rule.ts";
export type {
  OutsideEvent,
  OutsidePage,
  OutsideQuery,
  OutsideSession,
  OutsideTranscript,
  ProgramSessions,
} from "./outside/outside-session.ts";
export { outsideSessionId } from "./outside/outside-session-id.ts";
export { AgentsService } from "./service/agents-service.ts";
export {
  type AgentsServiceOptions,
  DEFAULT_MAX_LIVE,
  DEFAULT_WAIT_MS,
} from "./service/agents-service-options.ts";
export { type AgentGrants, DEFAULT_AGENT_GRANTS } from "./service/caller-rights.ts";
export type { EventLog, EventPage, LoggedEvent, LoggedRange } from "./sessions/event-log.ts";
export { MemoryEventLog, type MemoryEventLogOptions } from "./sessions/memory-event-log.ts";
export { MemorySessionStore } from "./sessions/memory-session-store.ts";
export type {
  SessionChange,
  SessionQuery,
  SessionStore,
  StoredSession,
  StoredSessionState,
} from "./sessions/session-store.ts";

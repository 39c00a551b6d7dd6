import { checkJson } from "@clawmatrix/acp-wire";
import {
  type Caller,
  type OpenSessionRequest,
  type OpenSessionResponseInit,
  StatusCode,
  StatusError,
} from "@clawmatrix/protocol";
import type { Waiting } from "../process/waiting-line.ts";
import type { OpenedSession } from "../sessions/reopen-session.ts";
import type { Session } from "../sessions/session.ts";
import type { SessionOpener } from "../sessions/session-opener.ts";
import type { SessionRegistry } from "../sessions/session-registry.ts";
import type { CallerRights } from "./caller-rights.ts";
import { saidBy } from "./feed.ts";

export interface OpenSessionOptions {
  readonly caller: Caller;
  readonly signal: AbortSignal;
  readonly rights: CallerRights;
  readonly registry: SessionRegistry;
  readonly opener: SessionOpener;
}

/** Opens what the caller asks for and says what it waits for meanwhile. */
export function openSession(
  request: OpenSessionRequest,
  options: OpenSessionOptions,
): AsyncGenerator<OpenSessionResponseInit, void> {
  return saidBy(async (say) => {
    const waiting: Waiting = {
      say: (progress) => say({ event: { case: "progress", value: progress } }),
      signal: options.signal,
    };
    const { session, response, opening } = await open(request, options, waiting);
    say({ event: { case: "opened", value: { session: session.info(), responseJson: response, opening } } });
  });
}

async function open(
  { agentId, kind, cwd, ...json }: OpenSessionRequest,
  { caller, rights, registry, opener }: OpenSessionOptions,
  waiting: Waiting,
): Promise<OpenedSession> {
  const resume = async (session: Session): Promise<OpenedSession> => {
    try {
      return await opener.resume(session, waiting);
    } finally {
      registry.forgetUnused(session);
    }
  };
  if (kind.case === "resumeSessionId") {
    rights.requireControl(caller, registry.record(kind.value));
    return await resume(registry.find(kind.value));
  }
  rights.requireAgent(caller, agentId);
  const opening = {
    agentId,
    cwd,
    mcpServersJson: checkJson(json.mcpServersJson, "mcp_servers_json", "array"),
    clientCapabilitiesJson: checkJson(json.clientCapabilitiesJson, "client_capabilities_json", "object"),
    extraJson: checkJson(json.extraJson, "extra_json", "object"),
  };
  if (kind.case === "newSession") return await opener.open(opening, kind.value.title, caller, waiting);
  if (kind.case !== "agentSessionId" || kind.value === "") {
    throw new StatusError(StatusCode.INVALID_ARGUMENT, "it is not said which session is to be opened", {
      reason: "bad-request",
      hint: "name new_session, resume_session_id or agent_session_id",
    });
  }
  const known = registry.findByAgentSession(agentId, kind.value);
  if (known !== undefined) {
    rights.requireControl(caller, known);
    return await resume(registry.find(known.id));
  }
  rights.requireUnknownSessions(caller);
  return await opener.adopt(opening, kind.value, caller, waiting);
}

import { checkJson } from "@clawmatrix/acp-wire";
import {
  type Caller,
  type OpenSessionRequest,
  type OpenSessionResponseInit,
  StatusCode,
  StatusError,
} from "@clawmatrix/protocol";
import type { KnownOutsideSession, OutsideSessions } from "../outside/outside-sessions.ts";
import type { Waiting } from "../process/waiting-line.ts";
import type { OpenedSession } from "../sessions/reopen-session.ts";
import type { Session } from "../sessions/session.ts";
import type { OpeningRequest, SessionOpener } from "../sessions/session-opener.ts";
import type { SessionRegistry } from "../sessions/session-registry.ts";
import type { CallerRights } from "./caller-rights.ts";
import { saidBy } from "./feed.ts";
import type { OutsideAccess } from "./outside-access.ts";

export interface OpenSessionOptions {
  readonly caller: Caller;
  readonly signal: AbortSignal;
  readonly rights: CallerRights;
  readonly registry: SessionRegistry;
  readonly opener: SessionOpener;
  readonly outside: OutsideSessions;
  readonly outsideAccess: OutsideAccess;
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
  request: OpenSessionRequest,
  options: OpenSessionOptions,
  waiting: Waiting,
): Promise<OpenedSession> {
  const { agentId, kind } = request;
  const { caller, rights, registry, opener, outside } = options;
  const resume = async (session: Session): Promise<OpenedSession> => {
    try {
      return await opener.resume(session, waiting);
    } finally {
      registry.forgetUnused(session);
    }
  };
  if (kind.case === "resumeSessionId") {
    if (!registry.isKnown(kind.value)) {
      const stored = await options.outsideAccess.watched(kind.value, caller);
      if (stored !== undefined) return await takeUp(stored, request, options, waiting);
    }
    rights.requireControl(caller, registry.record(kind.value));
    return await resume(registry.find(kind.value));
  }
  rights.requireAgent(caller, agentId);
  const opening = openingOf(request);
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
  const id = outside.idOf(agentId, kind.value);
  const adopted = { id, agentSessionId: kind.value, title: "", description: "" };
  return await opener.adopt(opening, adopted, caller, waiting);
}

/** A session that is listed here, and that the mesh does not have yet: by an agent that knows it, in its own directory. */
async function takeUp(
  session: KnownOutsideSession,
  request: OpenSessionRequest,
  { caller, opener, outsideAccess }: OpenSessionOptions,
  waiting: Waiting,
): Promise<OpenedSession> {
  const agentId = outsideAccess.agentFor(session, request, caller);
  const { id, agentSessionId, title, description } = session;
  const opening = { ...openingOf(request), agentId, cwd: request.cwd === "" ? session.cwd : request.cwd };
  return await opener.adopt(opening, { id, agentSessionId, title, description }, caller, waiting);
}

function openingOf({ agentId, cwd, ...json }: OpenSessionRequest): OpeningRequest {
  return {
    agentId,
    cwd,
    mcpServersJson: checkJson(json.mcpServersJson, "mcp_servers_json", "array"),
    clientCapabilitiesJson: checkJson(json.clientCapabilitiesJson, "client_capabilities_json", "object"),
    extraJson: checkJson(json.extraJson, "extra_json", "object"),
  };
}

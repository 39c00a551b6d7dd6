import { fromJson, isJsonObject, type JsonBytes, toJson, writeObjectWith } from "@clawmatrix/acp-wire";
import type { Logger } from "@clawmatrix/environment";
import { SessionOpening, StatusCode, StatusError } from "@clawmatrix/protocol";
import { closeLate } from "../process/close-late.ts";
import type { RunningAgent } from "../process/running-agent.ts";
import type { Waiting } from "../process/waiting-line.ts";
import type { Session } from "./session.ts";
import { chosenSettings, restoreSettings } from "./session-settings.ts";

export interface ReopenSessionOptions {
  readonly agent: RunningAgent;
  /** The agent's own id of the session. */
  readonly agentSessionId: string;
  /** Of ACP's request, but for the id. */
  readonly params: JsonBytes;
  /** For each request to the agent, in milliseconds. */
  readonly timeoutMs: number;
  readonly waiting: Waiting;
  readonly logger: Logger;
}

export interface OpenedSession {
  readonly session: Session;
  /** ACP's response; empty for a session that was live. */
  readonly response: JsonBytes;
  readonly opening: SessionOpening;
}

/** Why a session could not be continued, where asking again tomorrow would not help. */
const LASTING_REASONS: ReadonlySet<string> = new Set(["agent-cannot-resume", "agent-cannot", "agent-error"]);

/**
 * Has another process of its agent serve a session, by the agent's resume, else by its load, with the mode and options that
 * it had.
 * @throws StatusError why it could not.
 */
export async function reopenSession(session: Session, options: ReopenSessionOptions): Promise<OpenedSession> {
  const chosen = chosenSettings(session);
  const opened = await reopen(session, options);
  const { timeoutMs, logger } = options;
  const said = fromJson(opened.response);
  const saidModes = isJsonObject(said) && isJsonObject(said.modes);
  // A session with other settings is better than none; its facts say which it has.
  await restoreSettings(session, chosen, { timeoutMs, saidModes }).catch((error: unknown) => {
    const { message } = StatusError.from(error);
    logger.warn("an agent did not take a session's settings", { session: session.id, error: message });
  });
  return opened;
}

/** Whether a session that could not be continued for this reason never will be, as far as one can know. */
export function isLasting({ reason }: StatusError): boolean {
  return LASTING_REASONS.has(reason);
}

export function cannotContinue(session: Session, why: string): StatusError {
  return new StatusError(
    StatusCode.FAILED_PRECONDITION,
    `the session ${session.id} cannot be continued: ${why}`,
    {
      reason: "agent-cannot-resume",
      hint: "open a new session; the transcript of this one stays readable",
    },
  );
}

async function reopen(session: Session, options: ReopenSessionOptions): Promise<OpenedSession> {
  const { agent } = options;
  const { resume, load } = agent.features;
  const resuming = { can: resume, method: "session/resume", opening: SessionOpening.RESUMED };
  const loading = { can: load, method: "session/load", opening: SessionOpening.LOADED };
  // Where nothing of the conversation is kept here, loading has the agent tell it.
  const ways = session.journal.lastSeq === 0 ? [loading, resuming] : [resuming, loading];
  const [first, second] = ways.filter(({ can }) => can);
  if (first === undefined)
    throw cannotContinue(session, "its agent has neither session/resume nor session/load");
  try {
    return await attempt(session, first.method, first.opening, options);
  } catch (thrown) {
    if (second === undefined || agent.ending !== undefined) throw lost(session, thrown);
  }
  try {
    return await attempt(session, second.method, second.opening, options);
  } catch (thrown) {
    throw lost(session, thrown);
  }
}

async function attempt(
  session: Session,
  method: string,
  opening: SessionOpening,
  { agent, agentSessionId, params, timeoutMs, waiting: { say, signal } }: ReopenSessionOptions,
): Promise<OpenedSession> {
  say(`continuing the session (${method})`);
  // What the agent repeats of the conversation comes before its answer.
  session.replaying = true;
  agent.attach(agentSessionId, session);
  try {
    const own = writeObjectWith(params, [["sessionId", toJson(agentSessionId)]]);
    const { bytes } = await agent.connection.request(method, own, {
      timeoutMs,
      ...(signal && { signal }),
      onLateAnswer: (answer) => closeLate(agent, answer, timeoutMs, agentSessionId),
      onAnswer: (answer) => {
        session.replaying = false;
        if (answer.kind === "result")
          session.bind({ agent, agentSessionId, response: answer.bytes, opening });
      },
    });
    return { session, response: bytes, opening };
  } finally {
    session.replaying = false;
    if (!session.live) agent.detach(agentSessionId, session);
  }
}

function lost(session: Session, cause: unknown): StatusError {
  const { code, reason, hint, message } = StatusError.from(cause);
  return new StatusError(code, `the session ${session.id} could not be continued: ${message}`, {
    reason,
    hint,
    cause,
  });
}

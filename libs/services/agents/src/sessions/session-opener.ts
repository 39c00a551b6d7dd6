import {
  fromJson,
  isJsonObject,
  type JsonBytes,
  toJson,
  writeObject,
  writeObjectWith,
} from "@clawmatrix/acp-wire";
import type { Clock, Logger, Random } from "@clawmatrix/environment";
import { type Caller, SessionOpening, StatusCode, StatusError } from "@clawmatrix/protocol";
import type { AgentPool } from "../process/agent-pool.ts";
import { closeLate } from "../process/close-late.ts";
import type { ProcessLease } from "../process/process-place.ts";
import { unlessAborted } from "../process/unless-aborted.ts";
import type { Waiting } from "../process/waiting-line.ts";
import { allowedDirectory } from "./allowed-directory.ts";
import type { Session } from "./session.ts";
import type { SessionRegistry } from "./session-registry.ts";
import { type ChosenSettings, chosenSettings, restoreSettings } from "./session-settings.ts";
import { trustClassOf } from "./trust-class.ts";
import { uniqueId } from "./unique-id.ts";

/** What a caller says of a session that is to be opened. The JSON was checked. */
export interface OpeningRequest {
  readonly agentId: string;
  readonly cwd: string;
  /** Empty: none. */
  readonly mcpServersJson: JsonBytes;
  readonly clientCapabilitiesJson: JsonBytes;
  readonly extraJson: JsonBytes;
}

export interface OpenedSession {
  readonly session: Session;
  /** ACP's response; empty for a session that was live. */
  readonly response: JsonBytes;
  readonly opening: SessionOpening;
}

export interface SessionOpenerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly nodeId: string;
  /** What a leading "~" in a directory stands for. */
  readonly home: string;
  readonly logger: Logger;
  readonly registry: SessionRegistry;
  /** @throws StatusError NOT_FOUND */
  readonly pool: (agentId: string) => AgentPool;
}

interface Continuing {
  readonly opened: Promise<OpenedSession>;
  readonly abandon: AbortController;
  callers: number;
}

/** Why a session could not be continued, where asking again tomorrow would not help. */
const LASTING_REASONS: ReadonlySet<string> = new Set(["agent-cannot-resume", "agent-cannot", "agent-error"]);

/** Opens sessions: new ones, and those that another process of the agent served before. */
export class SessionOpener {
  readonly #options: SessionOpenerOptions;
  readonly #continuing = new Map<Session, Continuing>();

  constructor(options: SessionOpenerOptions) {
    this.#options = options;
  }

  async open(
    request: OpeningRequest,
    title: string,
    caller: Caller,
    waiting: Waiting,
  ): Promise<OpenedSession> {
    const { registry, pool } = this.#options;
    const { settings } = pool(request.agentId);
    const cwd = await this.#directory(request);
    const trustClass = trustClassOf(caller, this.#options.nodeId);
    const free = await registry.places.reserve(request.agentId, trustClass, waiting);
    try {
      const lease = await this.#acquire(request, trustClass, waiting);
      let session: Session | undefined;
      try {
        const { bytes } = await lease.agent.connection.request("session/new", openParams(request, cwd), {
          timeoutMs: settings.timeoutMs,
          ...(waiting.signal && { signal: waiting.signal }),
          onLateAnswer: (answer) => closeLate(lease.agent, answer, settings.timeoutMs),
          onAnswer: (answer) => {
            const sessionId = answer.kind === "result" ? answer.values.sessionId : undefined;
            // An id that it serves already would hand one caller's conversation to another.
            if (typeof sessionId !== "string" || lease.agent.serves(sessionId)) return;
            session = this.#add(request, { title, cwd, caller });
            session.bind({
              agent: lease.agent,
              agentSessionId: sessionId,
              response: answer.bytes,
              opening: SessionOpening.NEW,
            });
          },
        });
        if (session === undefined) throw badAnswer(request.agentId);
        pool(request.agentId).worked();
        return { session, response: bytes, opening: SessionOpening.NEW };
      } finally {
        lease.release();
      }
    } finally {
      free();
    }
  }

  /** Takes up a conversation that only the agent knows. */
  async adopt(
    request: OpeningRequest,
    agentSessionId: string,
    caller: Caller,
    waiting: Waiting,
  ): Promise<OpenedSession> {
    const cwd = await this.#directory(request);
    const session = this.#add(request, { title: "", cwd, caller, agentSessionId });
    try {
      return await this.resume(session, waiting);
    } catch (thrown) {
      this.#options.registry.remove(session);
      throw thrown;
    }
  }

  /** Attaches to a live session, or continues one by the agent's resume or load; once, however many ask. */
  async resume(session: Session, waiting: Waiting): Promise<OpenedSession> {
    if (session.live) return { session, response: new Uint8Array(), opening: SessionOpening.ATTACHED };
    const continuing = this.#continuing.get(session) ?? this.#beginToContinue(session, waiting.say);
    continuing.callers++;
    try {
      return await unlessAborted(continuing.opened, waiting.signal);
    } finally {
      if (--continuing.callers === 0) continuing.abandon.abort();
    }
  }

  /** Others may come to wait for it too, so it does not end with the caller who began it, but with the last. */
  #beginToContinue(session: Session, say: Waiting["say"]): Continuing {
    const abandon = new AbortController();
    const opened = this.#continue(session, { say, signal: abandon.signal })
      .catch((thrown: unknown) => {
        const error = StatusError.from(thrown);
        if (LASTING_REASONS.has(error.reason)) session.cannotContinue(error);
        throw error;
      })
      .finally(() => this.#continuing.delete(session));
    // Whoever has left does not hear of a failure.
    opened.catch(() => undefined);
    const continuing = { opened, abandon, callers: 0 };
    this.#continuing.set(session, continuing);
    return continuing;
  }

  async #continue(session: Session, waiting: Waiting): Promise<OpenedSession> {
    const { registry } = this.#options;
    const { record, agentSessionId } = session;
    if (agentSessionId === undefined) throw cannotContinue(session, "its agent never named it");
    const request: OpeningRequest = {
      agentId: record.agentId,
      cwd: record.cwd,
      mcpServersJson: Buffer.from(record.mcpServersJson),
      clientCapabilitiesJson: Buffer.from(record.clientCapabilitiesJson),
      extraJson: session.requestJson,
    };
    const cwd = await this.#directory(request);
    const free = await registry.places.reserve(record.agentId, record.trustClass, waiting);
    try {
      const lease = await this.#acquire(request, record.trustClass, waiting);
      try {
        const chosen = chosenSettings(session);
        const opened = await this.#reopen(session, agentSessionId, openParams(request, cwd), lease, waiting);
        this.#options.pool(record.agentId).worked();
        await this.#restoreSettings(opened, chosen);
        return opened;
      } finally {
        lease.release();
      }
    } finally {
      free();
    }
  }

  async #restoreSettings({ session, response }: OpenedSession, chosen: ChosenSettings): Promise<void> {
    const { timeoutMs } = this.#options.pool(session.agentId).settings;
    const said = fromJson(response);
    const saidModes = isJsonObject(said) && isJsonObject(said.modes);
    // A session with other settings is better than none; its events and facts say which it has.
    await restoreSettings(session, chosen, { timeoutMs, saidModes }).catch((error: unknown) => {
      const { message } = StatusError.from(error);
      this.#options.logger.warn("an agent did not take a session's settings", {
        session: session.id,
        error: message,
      });
    });
  }

  async #reopen(
    session: Session,
    agentSessionId: string,
    params: JsonBytes,
    { agent }: ProcessLease,
    { say, signal }: Waiting,
  ): Promise<OpenedSession> {
    const { resume, load } = agent.features;
    const { timeoutMs } = this.#options.pool(session.agentId).settings;
    const own = writeObjectWith(params, [["sessionId", toJson(agentSessionId)]]);
    const attempt = async (method: string, opening: SessionOpening): Promise<OpenedSession> => {
      say(`continuing the session (${method})`);
      // What the agent repeats of the conversation comes before its answer.
      session.replaying = true;
      agent.attach(agentSessionId, session);
      try {
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
    };
    if (resume) {
      try {
        return await attempt("session/resume", SessionOpening.RESUMED);
      } catch (thrown) {
        if (!load || agent.ending !== undefined) throw lost(session, thrown);
      }
    }
    if (!load) throw cannotContinue(session, "its agent has neither session/resume nor session/load");
    try {
      return await attempt("session/load", SessionOpening.LOADED);
    } catch (thrown) {
      throw lost(session, thrown);
    }
  }

  async #acquire(request: OpeningRequest, trustClass: string, waiting: Waiting): Promise<ProcessLease> {
    const key = { trustClass, clientCapabilities: request.clientCapabilitiesJson };
    return await this.#options.pool(request.agentId).acquire(key, waiting);
  }

  /** The directory, allowed like any further ones that ACP's request names. */
  async #directory(request: OpeningRequest): Promise<string> {
    const { settings } = this.#options.pool(request.agentId);
    const rules = { agentId: request.agentId, allowed: settings.directories, home: this.#options.home };
    const extra = fromJson(request.extraJson);
    const further =
      isJsonObject(extra) && Array.isArray(extra.additionalDirectories) ? extra.additionalDirectories : [];
    for (const directory of further) await allowedDirectory(String(directory), rules);
    return await allowedDirectory(request.cwd, rules);
  }

  #add(
    request: OpeningRequest,
    of: { title: string; cwd: string; caller: Caller; agentSessionId?: string },
  ): Session {
    const { clock, random, registry, nodeId } = this.#options;
    const now = Math.trunc(clock.now());
    const text = (json: JsonBytes, otherwise: string): string =>
      json.length === 0 ? otherwise : Buffer.from(json).toString();
    return registry.add({
      id: uniqueId(random),
      agentId: request.agentId,
      agentSessionId: of.agentSessionId,
      cwd: of.cwd,
      title: of.title,
      description: "",
      ownerNode: of.caller.nodeId,
      ownerClient: of.caller.clientId,
      trustClass: trustClassOf(of.caller, nodeId),
      state: "closed",
      modeId: undefined,
      mcpServersJson: text(request.mcpServersJson, "[]"),
      configOptionsJson: "[]",
      clientCapabilitiesJson: text(request.clientCapabilitiesJson, "{}"),
      metaJson: Buffer.from(
        writeObject(request.extraJson.length === 0 ? [] : [["request", request.extraJson]]),
      ).toString(),
      endReason: "",
      createdAt: now,
      updatedAt: now,
      closedAt: undefined,
    });
  }
}

function openParams({ mcpServersJson, extraJson }: OpeningRequest, cwd: string): JsonBytes {
  return writeObjectWith(extraJson, [
    ["cwd", toJson(cwd)],
    ["mcpServers", mcpServersJson.length === 0 ? toJson([]) : mcpServersJson],
  ]);
}

function badAnswer(agentId: string): StatusError {
  return new StatusError(
    StatusCode.UNKNOWN,
    `the agent "${agentId}" answered session/new without a new session id`,
    {
      reason: "agent-error",
      hint: "report it to the makers of the agent",
    },
  );
}

function cannotContinue(session: Session, why: string): StatusError {
  return new StatusError(
    StatusCode.FAILED_PRECONDITION,
    `the session ${session.id} cannot be continued: ${why}`,
    {
      reason: "agent-cannot-resume",
      hint: "open a new session; the transcript of this one stays readable",
    },
  );
}

function lost(session: Session, cause: unknown): StatusError {
  const { code, reason, hint, message } = StatusError.from(cause);
  return new StatusError(code, `the session ${session.id} could not be continued: ${message}`, {
    reason,
    hint,
    cause,
  });
}

import { fromJson, isJsonObject, type JsonBytes, toJson, writeObjectWith } from "@clawmatrix/acp-wire";
import type { Clock, Random } from "@clawmatrix/environment";
import { type Caller, SessionOpening, StatusCode, StatusError } from "@clawmatrix/protocol";
import type { AgentPool, ProcessLease } from "../process/agent-pool.ts";
import { allowedDirectory } from "./allowed-directory.ts";
import type { Session } from "./session.ts";
import type { SessionRegistry } from "./session-registry.ts";
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

export interface Waiting {
  /** Hears what is waited for. */
  readonly say: (progress: string) => void;
  readonly signal?: AbortSignal;
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
  readonly registry: SessionRegistry;
  /** @throws StatusError NOT_FOUND */
  readonly pool: (agentId: string) => AgentPool;
}

/** Opens sessions: new ones, and those that another process of the agent served before. */
export class SessionOpener {
  readonly #options: SessionOpenerOptions;
  readonly #continuing = new Map<Session, Promise<OpenedSession>>();

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
    const free = registry.reserve(request.agentId);
    try {
      const lease = await this.#acquire(request, trustClassOf(caller, this.#options.nodeId), waiting);
      let session: Session | undefined;
      try {
        const { bytes } = await lease.agent.connection.request("session/new", openParams(request, cwd), {
          timeoutMs: settings.timeoutMs,
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
    const running = this.#continuing.get(session);
    if (running !== undefined) return await running;
    // Others may come to wait for it too, so it does not end with the caller who began it.
    const continuing = this.#continue(session, { say: waiting.say }).finally(() =>
      this.#continuing.delete(session),
    );
    this.#continuing.set(session, continuing);
    return await continuing;
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
      extraJson: Buffer.from(record.metaJson),
    };
    const cwd = await this.#directory(request);
    const free = registry.reserve(record.agentId);
    try {
      const lease = await this.#acquire(request, record.trustClass, waiting);
      try {
        return await this.#reopen(session, agentSessionId, openParams(request, cwd), lease, waiting);
      } finally {
        lease.release();
      }
    } finally {
      free();
    }
  }

  async #reopen(
    session: Session,
    agentSessionId: string,
    params: JsonBytes,
    { agent }: ProcessLease,
    { say }: Waiting,
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
      metaJson: text(request.extraJson, "{}"),
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

import { fromJson, isJsonObject, type JsonBytes, toJson, writeObjectWith } from "@clawmatrix/acp-wire";
import type { Clock, Logger, Random } from "@clawmatrix/environment";
import { type Caller, SessionOpening, StatusCode, StatusError } from "@clawmatrix/protocol";
import type { AgentPool } from "../process/agent-pool.ts";
import { closeLate } from "../process/close-late.ts";
import type { ProcessLease } from "../process/process-place.ts";
import { unlessAborted } from "../process/unless-aborted.ts";
import type { Waiting } from "../process/waiting-line.ts";
import { allowedDirectory } from "./allowed-directory.ts";
import { newSessionRecord } from "./new-session-record.ts";
import { cannotContinue, isLasting, type OpenedSession, reopenSession } from "./reopen-session.ts";
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

/** A conversation that is not the mesh's yet. */
export interface AdoptedSession {
  /** By which lists have shown it, and which it keeps unless another has it by now. */
  readonly id: string;
  readonly agentSessionId: string;
  /** What is known of it; may be empty. */
  readonly title: string;
  readonly description: string;
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

  /** Takes up a conversation that only the agent knows; once, however many ask. */
  async adopt(
    request: OpeningRequest,
    adopted: AdoptedSession,
    caller: Caller,
    waiting: Waiting,
  ): Promise<OpenedSession> {
    const { registry } = this.#options;
    const cwd = await this.#directory(request);
    const known = registry.findByAgentSession(request.agentId, adopted.agentSessionId);
    if (known !== undefined) return await this.resume(registry.find(known.id), waiting);
    const { id, ...facts } = adopted;
    const session = this.#add(request, { ...facts, ...(!registry.isKnown(id) && { id }), cwd, caller });
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
        if (isLasting(error)) session.cannotContinue(error);
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
    const { registry, pool, logger } = this.#options;
    const { record } = session;
    const { agentSessionId } = session.process;
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
        const opened = await reopenSession(session, {
          agent: lease.agent,
          agentSessionId,
          params: openParams(request, cwd),
          timeoutMs: pool(record.agentId).settings.timeoutMs,
          waiting,
          logger,
        });
        pool(record.agentId).worked();
        return opened;
      } finally {
        lease.release();
      }
    } finally {
      free();
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
    of: { title: string; cwd: string; caller: Caller } & Partial<AdoptedSession>,
  ): Session {
    const { clock, random, registry, nodeId } = this.#options;
    const record = newSessionRecord({
      agentSessionId: undefined,
      description: "",
      id: uniqueId(random),
      ...of,
      request,
      trustClass: trustClassOf(of.caller, nodeId),
      now: Math.trunc(clock.now()),
    });
    return registry.add(record);
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

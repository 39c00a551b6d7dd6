import { type AcpParams, type JsonBytes, toJson, writeObjectWith } from "@clawmatrix/acp-wire";
import type { Clock, Random } from "@clawmatrix/environment";
import { type OpenSessionRequestInit, StatusError } from "@clawmatrix/protocol";
import { type OpenedSession, openSession } from "../open-session.ts";
import { editorsView } from "./agent-description.ts";
import { BridgedSession } from "./bridged-session.ts";
import type { EditorConnection, EditorHandler, Reply } from "./editor-connection.ts";
import { member, sessionIdOf } from "./editor-params.ts";
import { notInitialized, sessionClosed, sessionReopened, unknownSession } from "./editor-refusals.ts";
import { JsonRpcError } from "./json-rpc-error.ts";
import type { RemoteAgent } from "./remote-agent.ts";
import { openingAnswer, otherMembers, sessionRow } from "./session-messages.ts";

export interface EditorBridgeOptions {
  readonly remote: RemoteAgent;
  /** The session's directory on the agent's node, in place of what the editor says; undefined: as the editor says. */
  readonly cwd: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Tells the person something; editors keep it in a log. */
  readonly note: (text: string) => void;
  /** The agent cannot be used, which the editor has been told. */
  readonly onUnusable: (error: StatusError) => void;
}

/** How long the agent's node may take to close what was never used, in milliseconds: the editor has gone already. */
const LEAVE_MS = 2_000;
/** Rows of one page of session/list. */
const PAGE_ROWS = 100;

/** What an editor asks of an agent, done by an agent of the mesh. */
export class EditorBridge implements EditorHandler {
  readonly #options: EditorBridgeOptions;
  /** By the ids by which the editor knows them. */
  readonly #sessions = new Map<string, BridgedSession>();
  /** Those that this editor has opened as new ones. */
  readonly #made = new WeakSet<BridgedSession>();
  #editor: EditorConnection | undefined;
  /** ACP's ClientCapabilities of the editor; undefined until it has said `initialize`. */
  #capabilities: JsonBytes | undefined;

  constructor(options: EditorBridgeOptions) {
    this.#options = options;
  }

  /** To be called before the first message. */
  set editor(editor: EditorConnection) {
    this.#editor = editor;
  }

  request(method: string, params: AcpParams, signal: AbortSignal): Promise<Reply> {
    switch (method) {
      case "initialize":
        return this.#initialize(params, signal);
      case "session/new":
        return this.#new(params, signal);
      case "session/load":
        return this.#reopen(params, signal, true);
      case "session/resume":
        return this.#reopen(params, signal, false);
      case "session/list":
        return this.#list(params, signal);
      case "session/close":
        return this.#close(params, signal);
      case "session/prompt":
        return this.#prompt(params, signal);
      case "session/set_mode":
        return this.#setMode(params, signal);
      case "session/set_config_option":
        return this.#setConfigOption(params, signal);
      default:
        return this.#forward(method, params, signal);
    }
  }

  notification(method: string, params: AcpParams): void {
    if (method === "session/cancel") return this.#sessions.get(sessionIdOf(params))?.cancel();
    // Those of the connection itself, which a newer ACP may have more of, are not the agent's.
    if (method.startsWith("$/")) return;
    this.#tell(method, params).catch((thrown: unknown) => {
      this.#options.note(`${method} did not reach the agent: ${StatusError.from(thrown).message}`);
    });
  }

  /** The editor has gone. Its sessions go on; those in which nothing was ever said are closed. */
  async leave(): Promise<void> {
    const unused = [...this.#sessions.values()].filter(
      (session) => this.#made.has(session) && !session.isTouched,
    );
    if (unused.length === 0) return;
    const service = await this.#options.remote.service();
    await Promise.allSettled(
      unused.map(({ sessionId }) => service.closeSession({ sessionId }, { timeoutMs: LEAVE_MS })),
    );
  }

  async #initialize(params: AcpParams, signal: AbortSignal): Promise<Reply> {
    const { remote, onUnusable } = this.#options;
    const clientCapabilitiesJson = member(params, "clientCapabilities") ?? toJson({});
    try {
      await remote.find();
      const { agentId } = remote;
      const described = await remote.call(
        (service, options) => service.describeAgent({ agentId, clientCapabilitiesJson }, options),
        signal,
      );
      this.#capabilities = clientCapabilitiesJson;
      return { result: editorsView(described.initializeJson) };
    } catch (thrown) {
      const error = StatusError.from(thrown);
      setImmediate(() => onUnusable(error));
      throw error;
    }
  }

  async #new(params: AcpParams, signal: AbortSignal): Promise<Reply> {
    const opened = await this.#open(params, { case: "newSession", value: {} }, signal);
    const session = this.#show(opened.session.id, opened, 0);
    this.#made.add(session);
    return { result: openingAnswer(opened), afterwards: () => session.start() };
  }

  async #reopen(params: AcpParams, signal: AbortSignal, shows: boolean): Promise<Reply> {
    const editorId = sessionIdOf(params);
    const opened = await this.#open(params, { case: "resumeSessionId", value: editorId }, signal).catch(
      (thrown: unknown) => {
        if (StatusError.from(thrown).reason !== "no-such-session") throw thrown;
        // One that the mesh does not know, but the agent may.
        return this.#open(params, { case: "agentSessionId", value: editorId }, signal);
      },
    );
    const session = this.#show(editorId, opened, shows ? 0 : opened.session.lastSeq);
    if (shows) await session.shown();
    return { result: openingAnswer(opened), afterwards: () => session.start() };
  }

  async #open(
    params: AcpParams,
    kind: OpenSessionRequestInit["kind"],
    signal: AbortSignal,
  ): Promise<OpenedSession> {
    const { remote, cwd, note } = this.#options;
    const named = ["sessionId", "cwd", "mcpServers", ...(cwd === undefined ? [] : ["additionalDirectories"])];
    const request: OpenSessionRequestInit = {
      agentId: remote.agentId,
      kind,
      cwd: cwd ?? String(params.values.cwd ?? ""),
      mcpServersJson: member(params, "mcpServers"),
      clientCapabilitiesJson: this.#declared(),
      extraJson: otherMembers(params.bytes, named),
    };
    return await remote.call(
      (service, options) => openSession(service, request, { ...options, onProgress: note }),
      signal,
    );
  }

  #show(editorId: string, { session }: OpenedSession, sinceSeq: number): BridgedSession {
    const { remote, clock, random, signal, note } = this.#options;
    if (this.#editor === undefined) throw notInitialized();
    this.#sessions.get(editorId)?.stop(sessionReopened());
    this.#sessions.delete(editorId);
    const bridged: BridgedSession = new BridgedSession({
      remote,
      editor: this.#editor,
      editorId,
      sessionId: session.id,
      clientCapabilities: this.#declared(),
      sinceSeq,
      speaksForProcess: () => this.#sessions.values().next().value === bridged,
      clock,
      random,
      signal,
      note,
    });
    this.#sessions.set(editorId, bridged);
    return bridged;
  }

  async #list({ values }: AcpParams, signal: AbortSignal): Promise<Reply> {
    const { remote, cwd } = this.#options;
    const asked = typeof values.cwd === "string" ? values.cwd : undefined;
    const wanted = asked === undefined ? undefined : (cwd ?? asked);
    const cursor = typeof values.cursor === "string" ? values.cursor : "";
    const request = { agentId: remote.agentId, limit: PAGE_ROWS, cursor };
    const page = await remote.call((service, options) => service.listSessions(request, options), signal);
    const sessions = page.sessions
      .filter((session) => wanted === undefined || session.cwd === wanted)
      .map((session) => sessionRow(session, asked));
    const nextCursor = page.nextCursor === "" ? {} : { nextCursor: page.nextCursor };
    return { result: toJson({ sessions, ...nextCursor }) };
  }

  async #close(params: AcpParams, signal: AbortSignal): Promise<Reply> {
    const editorId = sessionIdOf(params);
    const sessionId = this.#idInTheMesh(params);
    await this.#options.remote.call(
      (service, options) => service.closeSession({ sessionId }, options),
      signal,
    );
    this.#sessions.get(editorId)?.stop(sessionClosed());
    this.#sessions.delete(editorId);
    return { result: toJson({}) };
  }

  async #prompt(params: AcpParams, signal: AbortSignal): Promise<Reply> {
    const session = this.#sessions.get(sessionIdOf(params));
    if (session === undefined) throw unknownSession();
    const promptJson = member(params, "prompt") ?? toJson([]);
    const extraJson = otherMembers(params.bytes, ["sessionId", "prompt"]);
    return { result: await session.prompt(promptJson, extraJson, signal) };
  }

  async #setMode(params: AcpParams, signal: AbortSignal): Promise<Reply> {
    const request = { sessionId: this.#idInTheMesh(params), modeId: String(params.values.modeId ?? "") };
    const { remote } = this.#options;
    const { responseJson } = await remote.call(
      (service, options) => service.setMode(request, options),
      signal,
    );
    return { result: orEmptyObject(responseJson) };
  }

  async #setConfigOption(params: AcpParams, signal: AbortSignal): Promise<Reply> {
    const request = {
      sessionId: this.#idInTheMesh(params),
      configId: String(params.values.configId ?? ""),
      valueJson: member(params, "value"),
    };
    const { remote } = this.#options;
    const { responseJson } = await remote.call(
      (service, options) => service.setConfigOption(request, options),
      signal,
    );
    return { result: orEmptyObject(responseJson) };
  }

  /** Any other request: a vendor's, or a newer ACP's. */
  async #forward(method: string, params: AcpParams, signal: AbortSignal): Promise<Reply> {
    const request = this.#forwarded(method, params, false);
    const { remote } = this.#options;
    const { answer } = await remote.call((service, options) => service.forward(request, options), signal);
    if (answer.case === "errorJson") throw new JsonRpcError(0, "the agent refused it", answer.value);
    return { result: answer.case === "resultJson" ? answer.value : toJson(null) };
  }

  async #tell(method: string, params: AcpParams): Promise<void> {
    const request = this.#forwarded(method, params, true);
    await this.#options.remote.call((service, options) => service.forward(request, options));
  }

  #forwarded(method: string, params: AcpParams, notification: boolean) {
    const clientCapabilitiesJson = this.#declared();
    const whole = params.bytes.length === 0 ? toJson({}) : params.bytes;
    if (typeof params.values.sessionId !== "string") {
      const { agentId } = this.#options.remote;
      return { method, paramsJson: whole, notification, agentId, clientCapabilitiesJson };
    }
    return { sessionId: this.#idInTheMesh(params), method, paramsJson: whole, notification };
  }

  #idInTheMesh(params: AcpParams): string {
    const editorId = sessionIdOf(params);
    this.#declared();
    return this.#sessions.get(editorId)?.sessionId ?? editorId;
  }

  #declared(): JsonBytes {
    if (this.#capabilities === undefined) throw notInitialized();
    return this.#capabilities;
  }
}

function orEmptyObject(json: JsonBytes): JsonBytes {
  return json.length === 0 ? writeObjectWith(json, []) : json;
}

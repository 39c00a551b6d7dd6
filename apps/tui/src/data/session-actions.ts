import { openSession } from "@clawmatrix/client";
import type { Clock } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import type {
  OpenSessionRequestInit,
  PermissionAnswerInit,
  SessionInfo,
  WatchResponse,
} from "@clawmatrix/protocol";
import { editorOf } from "../state/editor.ts";
import { type OpenSession, openSessionState } from "../state/open-session.ts";
import { changeOpen, type ScreenState } from "../state/screen.ts";
import { rowOf, type SessionRow, withSession } from "../state/session-list.ts";
import type { Setting, SettingChoice } from "../state/session-settings.ts";
import type { Store } from "../state/store.ts";
import { writeJson } from "../state/transcript/acp-json.ts";
import { Transcript } from "../state/transcript/transcript.ts";
import { oneLine } from "../text/plain-text.ts";
import { CAPABILITIES_JSON } from "./client-capabilities.ts";
import type { NodeLink } from "./node-link.ts";
import { problemOf } from "./problem-of.ts";
import { sendPrompt } from "./send-prompt.ts";
import { watchSession } from "./session-watch.ts";
import { SettingsReader } from "./settings-reader.ts";

export interface SessionActionsOptions {
  readonly store: Store<ScreenState>;
  readonly connected: () => Promise<NodeLink>;
  readonly clock: Clock;
  /** Something changed on that node: its sessions are to be listed anew. */
  readonly onChanged: (node: NodeId) => void;
}

export interface NewSessionRequest {
  readonly agent: string;
  readonly node: NodeId;
  /** Default: the agent's first allowed directory. */
  readonly cwd?: string;
  /** Default: what the agent calls it. */
  readonly title?: string;
}

/** What a person does with sessions, as calls to the nodes on which they live. What comes of it is put into the store. */
export class SessionActions {
  readonly #options: SessionActionsOptions;
  /** Ends what belongs to the session on the screen. */
  #shown = new AbortController();
  /** The description of the session on the screen, as last heard. */
  #info: SessionInfo | undefined;
  #settings = new SettingsReader();
  /** What the session on the screen was opened with, where it was. */
  #request: OpenSessionRequestInit | undefined;
  /** A prompt that was sent before the session was ready. */
  #early: string | undefined;

  constructor(options: SessionActionsOptions) {
    this.#options = options;
  }

  /** Shows a session and follows it. One that only its agent knows is loaded first. */
  open(row: SessionRow): void {
    const { store } = this.#options;
    if (store.state.open?.row?.id === row.id && store.state.open.phase !== "failed") {
      store.update((state) => ({ ...state, focus: "session" }));
      return;
    }
    if (row.agentSessionId === "") {
      this.#show(openSessionState({ node: row.node, agent: row.agent, row, phase: "loading", progress: "" }));
      this.#watch(row.node, row.id);
      return;
    }
    this.#show(
      openSessionState({
        node: row.node,
        agent: row.agent,
        row,
        phase: "opening",
        progress: `loading it from ${row.agent}`,
      }),
    );
    void this.#openRemote(row.node, {
      agentId: row.agent,
      cwd: row.cwd,
      kind: { case: "agentSessionId", value: row.agentSessionId },
    });
  }

  /** Opens a new session and shows it. */
  create({ agent, node, cwd = "", title = "" }: NewSessionRequest): void {
    this.#show(
      openSessionState({ node, agent, phase: "opening", progress: `asking ${agent} for a session` }),
    );
    void this.#openRemote(node, { agentId: agent, cwd, kind: { case: "newSession", value: { title } } });
  }

  /** Sends a prompt to the session on the screen: once it is ready; one that was closed is taken up again first. */
  send(text: string): void {
    const { open } = this.#options.store.state;
    if (open?.row !== undefined) {
      this.#send(open, open.row, text);
      return;
    }
    this.#early = text;
    const request = this.#request;
    if (open?.phase !== "failed" || request === undefined) return;
    const { signal } = this.#shown;
    this.#change(signal, (now) => ({ ...now, phase: "opening" }));
    void this.#openRemote(open.node, request);
  }

  /** Sets the mode or an option of the session on the screen. */
  set({ kind, id }: Setting, { value }: SettingChoice): void {
    this.#call(async (link, open, row) => {
      const client = link.agents(open.node);
      if (kind === "mode") await client.setMode({ sessionId: row.id, modeId: String(value) });
      else await client.setConfigOption({ sessionId: row.id, configId: id, valueJson: writeJson(value) });
    });
  }

  /** Answers a permission request or question of the session on the screen. */
  answer(answer: PermissionAnswerInit): void {
    this.#call(async (link, open) => {
      await link.agents(open.node).answer({ answer });
    });
  }

  /** Stops the running turn. */
  stop(): void {
    this.#call(async (link, open, row) => {
      await link.agents(open.node).cancel({ sessionId: row.id });
    });
  }

  /** Ends a session. */
  close(row: SessionRow): void {
    const { store, connected, onChanged } = this.#options;
    const closing = async () => {
      await (await connected()).agents(row.node).closeSession({ sessionId: row.id });
      onChanged(row.node);
    };
    closing().catch((error: unknown) => store.update((state) => ({ ...state, problem: problemOf(error) })));
  }

  /** Follows nothing any more. Turns go on. */
  shutDown(): void {
    this.#shown.abort();
  }

  #show(open: OpenSession): void {
    this.#shown.abort();
    this.#shown = new AbortController();
    this.#info = undefined;
    this.#settings = new SettingsReader();
    this.#request = undefined;
    this.#early = undefined;
    const chosenSession = open.row?.id;
    this.#options.store.update((state) => ({
      ...state,
      open,
      focus: "session",
      problem: undefined,
      ...(chosenSession && { chosenSession }),
    }));
  }

  /** Changes the session on the screen, unless another has taken its place. */
  #change(signal: AbortSignal, change: (open: OpenSession) => OpenSession): void {
    if (!signal.aborted) this.#options.store.update((state) => changeOpen(state, change));
  }

  async #openRemote(node: NodeId, request: OpenSessionRequestInit): Promise<void> {
    const { signal } = this.#shown;
    const { connected, store, onChanged } = this.#options;
    this.#request = request;
    try {
      const link = await connected();
      const { session } = await openSession(
        link.agents(node),
        { ...request, clientCapabilitiesJson: CAPABILITIES_JSON },
        {
          signal,
          onProgress: (progress) =>
            this.#change(signal, (open) => ({ ...open, progress: oneLine(progress) })),
        },
      );
      onChanged(node);
      this.#change(signal, (open) => ({ ...open, row: rowOf(session), phase: "loading" }));
      if (signal.aborted) return;
      store.update((state) => ({
        ...state,
        chosenSession: session.id,
        sessions: withSession(state.sessions, session),
      }));
      this.#watch(node, session.id);
      if (this.#early !== undefined) this.send(this.#early);
      this.#early = undefined;
    } catch (error) {
      const problem = problemOf(error);
      this.#change(signal, ({ sending, editor, ...open }) => ({
        ...open,
        phase: "failed",
        problem,
        sending: undefined,
        editor: sending === undefined ? editor : editorOf(sending.text),
      }));
    }
  }

  #watch(node: NodeId, sessionId: string): void {
    const { signal } = this.#shown;
    const { connected, clock, store } = this.#options;
    const transcript = () => store.state.open?.transcript;
    void watchSession({
      connected,
      clock,
      node,
      sessionId,
      signal,
      lastSeq: () => transcript()?.lastSeq ?? 0,
      isOver: () => transcript()?.ended ?? true,
      onMessage: (message) => this.#take(signal, message),
      onLost: (error) =>
        this.#change(signal, (open) => ({
          ...open,
          phase: "reconnecting",
          progress: oneLine(error.message),
        })),
      onFailed: (error) =>
        this.#change(signal, (open) => ({ ...open, phase: "failed", problem: problemOf(error) })),
    });
  }

  #take(signal: AbortSignal, message: WatchResponse["message"]): void {
    if (message.case === "session" && !signal.aborted) {
      const info = message.value;
      this.#options.store.update((state) => ({ ...state, sessions: withSession(state.sessions, info) }));
    }
    this.#change(signal, (open) => {
      const { transcript } = open;
      const live = open.phase === "reconnecting" ? "live" : open.phase;
      switch (message.case) {
        case "session":
          this.#info = message.value;

          transcript.adopt(message.value);
          return this.#refreshed({ ...open, row: rowOf(message.value), phase: live });
        case "event":
          transcript.apply(message.value);
          return this.#refreshed({ ...open, phase: live });
        case "firstKeptSeq":
          transcript.beginsAt(message.value);
          return this.#refreshed(open);
        case "caughtUp":
          return { ...open, phase: "live" };
        default:
          return open;
      }
    });
  }

  /** What of the state follows from the transcript. */
  #refreshed(open: OpenSession): OpenSession {
    const { transcript } = open;
    return {
      ...open,
      revision: transcript.revision,
      ...this.#settings.after(this.#info, open),
    };
  }

  #send(open: OpenSession, row: SessionRow, text: string): void {
    const { signal } = this.#shown;
    void sendPrompt({
      connected: this.#options.connected,
      open,
      row,
      text,
      signal,
      change: (change) => this.#change(signal, change),
      onResumed: () => {
        // Its agent tells anew what the program had kept of it, with numbers of its own.
        if (row.stored) this.#change(signal, (now) => ({ ...now, transcript: new Transcript() }));
        if (open.phase === "failed" || open.transcript.ended) this.#watch(open.node, row.id);
      },
    });
  }

  #call(run: (link: NodeLink, open: OpenSession, row: SessionRow) => Promise<void>): void {
    const { signal } = this.#shown;
    const { open } = this.#options.store.state;
    const row = open?.row;
    if (open === undefined || row === undefined) return;
    const calling = async () => run(await this.#options.connected(), open, row);
    calling().catch((error: unknown) =>
      this.#change(signal, (now) => ({ ...now, problem: problemOf(error) })),
    );
  }
}

import type {
  SessionConfigOption,
  SessionInfo,
  SessionModeState,
  SessionUpdate,
} from "@agentclientprotocol/sdk";
import type { Clock } from "@clawmatrix/environment";
import { type ConfigValues, configOptions, DEFAULT_CONFIG } from "./config-options.ts";
import { type ModeId, modeState } from "./modes.ts";
import type { SessionHead, SessionState } from "./session-state.ts";
import { shorten } from "./text-bounds.ts";
import { Transcript } from "./transcript.ts";

/** Characters of the first prompt that become the session's title. */
const MAX_TITLE_CHARACTERS = 80;

/** The kinds of tool calls that ask for permission. */
export type GuardedKind = "execute" | "edit";

/** One conversation: what was said, and how this session is set. It does nothing by itself. */
export class Session {
  readonly id: string;
  readonly cwd: string;
  readonly transcript: Transcript;
  modeId: ModeId = "ask";
  config: ConfigValues = DEFAULT_CONFIG;
  /** What `always` was answered to. */
  readonly remembered = new Map<GuardedKind, "allow" | "reject">();
  /** A question whose answer is the next prompt. */
  waitingQuestion: string | undefined;
  title: string | undefined;
  /** Prompts so far. */
  turns = 0;
  /** Characters the person, and the agent, have written. A model would count tokens. */
  inputCharacters = 0;
  outputCharacters = 0;
  readonly #clock: Clock;
  #updatedAt: number;

  /** A new session, or one as it was stored, in the directory in which it is opened now. */
  constructor(id: string, cwd: string, clock: Clock, stored?: SessionState) {
    this.id = id;
    this.cwd = cwd;
    this.#clock = clock;
    this.#updatedAt = stored?.head.updatedAt ?? clock.now();
    this.transcript = new Transcript(stored?.transcript, stored?.head.cut);
    if (stored === undefined) return;
    const { head } = stored;
    this.modeId = head.modeId;
    this.config = { pace: head.pace, verbosity: head.verbosity };
    for (const kind of ["execute", "edit"] as const) {
      const decision = head.remembered[kind];
      if (decision !== undefined) this.remembered.set(kind, decision);
    }
    this.waitingQuestion = head.waitingQuestion;
    this.title = head.title;
    this.turns = head.turns;
    this.inputCharacters = head.inputCharacters;
    this.outputCharacters = head.outputCharacters;
  }

  /** Notes the beginning of a turn; true if the session got its title by it. */
  beginTurn(text: string): boolean {
    this.turns++;
    this.#updatedAt = this.#clock.now();
    this.inputCharacters += text.length;
    const titled = this.title === undefined && text !== "";
    if (titled) this.title = shorten(text.replace(/\s+/g, " "), MAX_TITLE_CHARACTERS);
    return titled;
  }

  /** What `session/new`, `session/load` and `session/resume` answer. */
  get settings(): { modes: SessionModeState; configOptions: SessionConfigOption[] } {
    return { modes: modeState(this.modeId), configOptions: configOptions(this.config) };
  }

  /** What a client that loads the session has to be shown, in order. */
  replay(): SessionUpdate[] {
    const updates = this.transcript.updates;
    if (!this.transcript.cut) return updates;
    const text = "[The beginning of this session is no longer kept.]\n";
    return [{ sessionUpdate: "agent_message_chunk", content: { type: "text", text } }, ...updates];
  }

  /** The session as it is stored. */
  get state(): SessionState {
    const head: SessionHead = {
      version: 1,
      sessionId: this.id,
      cwd: this.cwd,
      updatedAt: this.#updatedAt,
      modeId: this.modeId,
      ...this.config,
      remembered: Object.fromEntries(this.remembered),
      turns: this.turns,
      inputCharacters: this.inputCharacters,
      outputCharacters: this.outputCharacters,
      cut: this.transcript.cut,
    };
    if (this.title !== undefined) head.title = this.title;
    if (this.waitingQuestion !== undefined) head.waitingQuestion = this.waitingQuestion;
    return { head, transcript: this.transcript.updates };
  }
}

/** A row of `session/list`. */
export function sessionInfo(head: SessionHead): SessionInfo {
  return {
    sessionId: head.sessionId,
    cwd: head.cwd,
    title: head.title ?? null,
    updatedAt: new Date(head.updatedAt).toISOString(),
  };
}

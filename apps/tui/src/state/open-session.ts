import type { NodeId } from "@clawmatrix/identity";
import type { Scroll } from "../layout/window.ts";
import { type Editor, EMPTY_EDITOR } from "./editor.ts";
import { EMPTY_HISTORY, type PromptHistory } from "./prompt-history.ts";
import type { SessionRow } from "./session-list.ts";
import type { AgentCommand, Setting } from "./session-settings.ts";
import type { Ask } from "./transcript/ask.ts";
import { Transcript } from "./transcript/transcript.ts";

/** Something that went wrong, and what to do next. */
export interface Problem {
  readonly message: string;
  readonly hint: string;
}

/** How far the screen is with a session: it waits for an agent to start, reads what is kept, follows live, has lost it, or gave up. */
export type SessionPhase = "opening" | "loading" | "live" | "reconnecting" | "failed";

/** The fields of a question that were answered so far, and what was wrong with the last try. */
export interface QuestionForm {
  readonly askId: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** Index of the field that is asked now. */
  readonly field: number;
  readonly wrong: string;
}

/** The session on the screen. */
export interface OpenSession {
  readonly node: NodeId;
  readonly agent: string;
  /** Undefined until the node has opened it. */
  readonly row: SessionRow | undefined;
  readonly phase: SessionPhase;
  /** Name of its node while that cannot be reached; empty: it can be. */
  readonly away: string;
  /** What it waits for, in the phases `opening` and `reconnecting`. */
  readonly progress: string;
  readonly problem: Problem | undefined;
  readonly transcript: Transcript;
  /** The transcript's revision when this was made: what tells two states apart. */
  readonly revision: number;
  readonly settings: readonly Setting[];
  readonly commands: readonly AgentCommand[];
  readonly editor: Editor;
  readonly history: PromptHistory;
  readonly scroll: Scroll;
  readonly opened: ReadonlySet<number>;
  /** The item that enter acts on, while the transcript has the keys. */
  readonly chosen: number | undefined;
  /** The prompt that was sent and is not in the transcript yet; turns before it. */
  readonly sending: { readonly text: string; readonly ahead: number } | undefined;
  readonly form: QuestionForm | undefined;
}

export interface OpenSessionOptions {
  readonly node: NodeId;
  readonly agent: string;
  readonly row?: SessionRow;
  readonly phase: SessionPhase;
  readonly progress: string;
}

export function openSessionState({ node, agent, row, phase, progress }: OpenSessionOptions): OpenSession {
  return {
    node,
    agent,
    row,
    phase,
    away: "",
    progress,
    problem: undefined,
    transcript: new Transcript(),
    revision: 0,
    settings: [],
    commands: [],
    editor: EMPTY_EDITOR,
    history: EMPTY_HISTORY,
    scroll: undefined,
    opened: new Set(),
    chosen: undefined,
    sending: undefined,
    form: undefined,
  };
}

/** What waits for the person first. */
export function firstAsk({ transcript }: OpenSession): Ask | undefined {
  return transcript.waiting[0];
}

/** The form of a question, begun where there is none yet. */
export function formFor({ form }: OpenSession, ask: Ask): QuestionForm {
  return form?.askId === ask.id ? form : { askId: ask.id, values: {}, field: 0, wrong: "" };
}

/** The name of the session's mode; empty where the agent has none. */
export function modeName({ settings }: OpenSession): string {
  const mode = settings.find(({ kind }) => kind === "mode");
  return mode?.choices.find(({ value }) => value === mode.current)?.name ?? String(mode?.current ?? "");
}

import type { ContentBlock, SessionUpdate } from "@agentclientprotocol/sdk";
import type { ConversationHead, StoredConversation, StoredTurn } from "./conversation-format.ts";
import { type ContentPart, contentOf, wordsOf } from "./prompt-content.ts";

/** Bytes of JSON that one conversation keeps, images included: beyond what the context of a model holds in text. */
export const MAX_CONVERSATION_BYTES = 8 * 1_048_576;
/** Turns that one conversation keeps. */
const MAX_TURNS = 1_000;
/** Characters of the first prompt that become the title. */
const MAX_TITLE_CHARACTERS = 80;

/** A message, as chat completions have it. */
export interface Message {
  readonly role: "system" | "user" | "assistant";
  readonly content: string | ContentPart[];
}

/** What was said in one session. At its bound the oldest turns are dropped: from what is kept and from what the model is sent. */
export class Conversation {
  readonly id: string;
  readonly #turns: { readonly turn: StoredTurn; readonly bytes: number }[] = [];
  #cwd: string;
  #title: string | undefined;
  #updatedAt: number;
  #cut: boolean;
  #bytes = 0;

  /** A new one, or one as it was stored, in the directory in which it is opened now. */
  constructor(id: string, cwd: string, now: number, stored?: StoredConversation) {
    this.id = id;
    this.#cwd = cwd;
    this.#title = stored?.head.title;
    this.#updatedAt = stored?.head.updatedAt ?? now;
    this.#cut = stored?.head.cut ?? false;
    for (const turn of stored?.turns ?? []) this.#append(turn);
  }

  get title(): string | undefined {
    return this.#title;
  }

  /** Names the conversation by its first prompt; true if it does. */
  begin(prompt: readonly ContentBlock[]): boolean {
    const characters = [...wordsOf(prompt)];
    if (this.#title !== undefined || characters.length === 0) return false;
    const cut = characters.length > MAX_TITLE_CHARACTERS;
    this.#title = cut ? `${characters.slice(0, MAX_TITLE_CHARACTERS - 1).join("")}…` : characters.join("");
    return true;
  }

  add(turn: StoredTurn, now: number): void {
    this.#updatedAt = now;
    this.#append(turn);
  }

  /**
   * What the model is sent with this prompt. Users and assistants take turns, which some models insist on: what was never
   * answered is part of the next thing that was said.
   */
  messages(system: string, prompt: readonly ContentBlock[]): Message[] {
    const messages: Message[] = system === "" ? [] : [{ role: "system", content: system }];
    let asked: ContentBlock[] = [];
    for (const { turn } of this.#turns) {
      asked.push(...turn.prompt);
      if (turn.answer === "") continue;
      messages.push({ role: "user", content: contentOf(asked) }, { role: "assistant", content: turn.answer });
      asked = [];
    }
    return [...messages, { role: "user", content: contentOf([...asked, ...prompt]) }];
  }

  /** What a client that loads the session is shown, in order. */
  *replay(): Generator<SessionUpdate> {
    if (this.#cut) yield said("agent_message_chunk", "[The beginning of this session is no longer kept.]\n");
    for (const { turn } of this.#turns) {
      for (const content of turn.prompt) yield { sessionUpdate: "user_message_chunk", content };
      if (turn.thought !== "") yield said("agent_thought_chunk", turn.thought);
      if (turn.answer !== "") yield said("agent_message_chunk", turn.answer);
    }
  }

  get stored(): StoredConversation {
    const head: ConversationHead = {
      version: 1,
      sessionId: this.id,
      cwd: this.#cwd,
      ...(this.#title !== undefined && { title: this.#title }),
      updatedAt: this.#updatedAt,
      cut: this.#cut,
    };
    return { head, turns: this.#turns.map(({ turn }) => turn) };
  }

  #append(turn: StoredTurn): void {
    const bytes = Buffer.byteLength(JSON.stringify(turn));
    this.#turns.push({ turn, bytes });
    this.#bytes += bytes;
    // The latest stays, however large: it is what the next prompt is about.
    while (
      this.#turns.length > 1 &&
      (this.#bytes > MAX_CONVERSATION_BYTES || this.#turns.length > MAX_TURNS)
    ) {
      this.#bytes -= this.#turns.shift()?.bytes ?? 0;
      this.#cut = true;
    }
  }
}

function said(sessionUpdate: "agent_message_chunk" | "agent_thought_chunk", text: string): SessionUpdate {
  return { sessionUpdate, content: { type: "text", text } };
}

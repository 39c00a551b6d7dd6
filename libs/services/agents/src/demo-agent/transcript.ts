import type { SessionUpdate } from "@agentclientprotocol/sdk";

/** Characters kept per session. A session of the demo is a few kilobytes; the bound is for `slow 1000000`. */
export const MAX_TRANSCRIPT_CHARACTERS = 1_048_576;
/** Updates kept per session. */
const MAX_ENTRIES = 2_000;
/** Consecutive pieces of one message are joined up to this many characters. */
const MAX_JOINED_CHARACTERS = 16_384;

interface Entry {
  readonly update: SessionUpdate;
  readonly characters: number;
}

/**
 * What was said in a session, in the shape in which it is replayed: pieces of a message joined, a tool call with its last
 * state, a plan as it was last. At its bound the oldest updates go first, and `cut` says so.
 */
export class Transcript {
  #entries: Entry[] = [];
  #characters = 0;
  #cut: boolean;

  constructor(updates: readonly SessionUpdate[] = [], cut = false) {
    this.#cut = cut;
    for (const update of updates) this.record(update);
  }

  /** Whether the beginning is no longer kept. */
  get cut(): boolean {
    return this.#cut;
  }

  /** Characters kept, of at most `MAX_TRANSCRIPT_CHARACTERS`. */
  get characters(): number {
    return this.#characters;
  }

  get updates(): SessionUpdate[] {
    return this.#entries.map((entry) => entry.update);
  }

  /** Keeps what a replay has to show; updates about the session's state (mode, commands, usage) are left out. */
  record(update: SessionUpdate): void {
    switch (update.sessionUpdate) {
      case "user_message_chunk":
      case "agent_message_chunk":
      case "agent_thought_chunk":
        if (!this.#joinToLast(update)) this.#append(update);
        break;
      case "tool_call":
        this.#append(update);
        break;
      case "tool_call_update": {
        const { sessionUpdate: _, ...changes } = update;
        this.#replace(
          (kept) => kept.sessionUpdate === "tool_call" && kept.toolCallId === update.toolCallId,
          (kept) => ({ ...kept, ...changes }) as SessionUpdate,
        );
        break;
      }
      case "plan": {
        const replaced = this.#replace(
          (kept) => kept.sessionUpdate === "plan",
          () => update,
        );
        if (!replaced) this.#append(update);
        break;
      }
    }
    while (this.#characters > MAX_TRANSCRIPT_CHARACTERS || this.#entries.length > MAX_ENTRIES) {
      this.#characters -= this.#entries.shift()!.characters;
      this.#cut = true;
    }
  }

  #append(update: SessionUpdate): void {
    const characters = JSON.stringify(update).length;
    this.#entries.push({ update, characters });
    this.#characters += characters;
  }

  #joinToLast(update: SessionUpdate): boolean {
    const last = this.#entries.at(-1);
    if (last === undefined || last.characters > MAX_JOINED_CHARACTERS) return false;
    const kept = last.update;
    if (kept.sessionUpdate !== update.sessionUpdate) return false;
    if (!("content" in kept && "content" in update && "messageId" in kept && "messageId" in update))
      return false;
    if (kept.messageId !== update.messageId) return false;
    const [a, b] = [kept.content, update.content];
    if (!isText(a) || !isText(b)) return false;
    const joined = { ...kept, content: { type: "text", text: a.text + b.text } } as SessionUpdate;
    this.#entries[this.#entries.length - 1] = { update: joined, characters: last.characters + b.text.length };
    this.#characters += b.text.length;
    return true;
  }

  /** Replaces the latest match since the person last spoke. */
  #replace(
    matches: (kept: SessionUpdate) => boolean,
    change: (kept: SessionUpdate) => SessionUpdate,
  ): boolean {
    for (let at = this.#entries.length - 1; at >= 0; at--) {
      const entry = this.#entries[at]!;
      if (entry.update.sessionUpdate === "user_message_chunk") return false;
      if (!matches(entry.update)) continue;
      const update = change(entry.update);
      const characters = JSON.stringify(update).length;
      this.#entries[at] = { update, characters };
      this.#characters += characters - entry.characters;
      return true;
    }
    return false;
  }
}

function isText(content: unknown): content is { type: "text"; text: string } {
  return typeof content === "object" && content !== null && "type" in content && content.type === "text";
}

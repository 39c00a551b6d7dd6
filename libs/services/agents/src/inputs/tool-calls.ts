import { isJsonObject, type JsonObject } from "@clawmatrix/acp-wire";
import { factsOf, type ToolCallFacts } from "./tool-call-facts.ts";

/** Tool calls that are remembered: those that a permission request may still name. */
const MAX_TOOL_CALLS = 1_000;
/** Characters of what is remembered of all of them. */
const MAX_CHARACTERS = 1_048_576;

interface Remembered {
  readonly facts: ToolCallFacts;
  readonly characters: number;
}

/** What an agent has said of its tool calls, since it may ask for permission by a call's id alone. At the bound the oldest go. */
export class ToolCalls {
  readonly #calls = new Map<string, Remembered>();
  #characters = 0;

  /** A tool call, or an update of one. */
  remember(update: JsonObject): void {
    const { toolCallId } = update;
    if (typeof toolCallId !== "string") return;
    const said = factsOf(update);
    if (Object.keys(said).length === 0) return;
    const facts = { ...this.#calls.get(toolCallId)?.facts, ...said };
    this.#forget(toolCallId);
    const characters = toolCallId.length + charactersOf(facts);
    this.#calls.set(toolCallId, { facts, characters });
    this.#characters += characters;
    while (this.#calls.size > MAX_TOOL_CALLS || this.#characters > MAX_CHARACTERS) {
      const [oldest = ""] = this.#calls.keys();
      this.#forget(oldest);
    }
  }

  /** What is known of the call of a permission request: what that says itself, and else what was said before. */
  of(toolCall: unknown): ToolCallFacts {
    if (!isJsonObject(toolCall)) return {};
    const { toolCallId } = toolCall;
    const known = typeof toolCallId === "string" ? this.#calls.get(toolCallId)?.facts : undefined;
    return { ...known, ...factsOf(toolCall) };
  }

  #forget(id: string): void {
    this.#characters -= this.#calls.get(id)?.characters ?? 0;
    this.#calls.delete(id);
  }
}

function charactersOf({
  kind = "",
  title = "",
  command = "",
  locations = [],
  diffs = [],
}: ToolCallFacts): number {
  const texts = [kind, title, command, ...locations, ...diffs];
  return texts.reduce((sum, { length }) => sum + length, 0);
}

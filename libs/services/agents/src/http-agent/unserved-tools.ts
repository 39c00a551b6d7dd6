import type { SessionUpdate } from "@agentclientprotocol/sdk";
import type { CompletionPart } from "./completion-chunk.ts";

type ToolPart = Extract<CompletionPart, { kind: "tool" }>;

interface Call {
  id: string;
  name: string;
  input: string;
}

/** Tool calls of one answer that are shown. */
const MAX_CALLS = 64;

/**
 * Tools that a model wants called although it was offered none. They are not: an endpoint that is an agent calls its own.
 * They are shown as failed, so that nobody takes them for done.
 */
export class UnservedTools {
  readonly #calls = new Map<number, Call>();

  add({ index, id, name, input }: ToolPart): void {
    const call = this.#calls.get(index) ?? { id: "", name: "", input: "" };
    call.id ||= id;
    call.name ||= name;
    call.input += input;
    if (this.#calls.size < MAX_CALLS) this.#calls.set(index, call);
  }

  *updates(): Generator<SessionUpdate> {
    for (const [index, { id, name, input }] of this.#calls) {
      const text =
        "Not called: the model was offered no tools, and this node calls none for it. An endpoint that is an agent calls its own.";
      yield {
        sessionUpdate: "tool_call",
        toolCallId: id === "" ? `call-${index}` : id,
        title: name === "" ? "a tool without a name" : name,
        kind: "other",
        status: "failed",
        rawInput: parsed(input),
        content: [{ type: "content", content: { type: "text", text } }],
      };
    }
  }
}

function parsed(input: string): unknown {
  try {
    return JSON.parse(input);
  } catch {
    return input; // Models are not bound to write JSON.
  }
}

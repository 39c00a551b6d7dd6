import type { InboxItem } from "@clawmatrix/client";
import type { PendingMember, WaitingInput } from "@clawmatrix/protocol";
import { shorten } from "../format.ts";
import {
  type ContentShape,
  listOf,
  objectOf,
  optionsOf,
  type PermissionRequestShape,
  parseShape,
  textOf,
} from "../turn/acp-shapes.ts";
import { diffLines } from "../turn/diff.ts";
import { type ElicitationShape, fieldsOf, labelOf, optionsOfField } from "../turn/question-form.ts";

/** What waits for a person, as lists and `inbox --json` show it. */
export interface InboxEntry {
  readonly id: string;
  readonly kind: InboxItem["kind"];
  readonly node: string;
  readonly session?: string;
  readonly agent?: string;
  /** One line. */
  readonly title: string;
  /** All that there is to know before answering: the whole command, the whole diff. */
  readonly text: string;
  /** What can be chosen; none where a text is wanted. */
  readonly options: readonly InboxOption[];
  /** ISO 8601. */
  readonly since: string;
}

export interface InboxOption {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
}

const LONGEST_TITLE = 200;

/** An item of the inbox for people and for JSON. */
export function inboxEntry(item: InboxItem): InboxEntry {
  const { id, kind, node, since } = item;
  const common = { id, kind, node: node.name, since: new Date(since).toISOString() };
  if (item.kind === "admission") return { ...common, ...describeAdmission(item.pending) };
  const { sessionId, agentId } = item.input;
  const described =
    item.kind === "permission" ? describePermission(item.input) : describeQuestion(item.input);
  return { ...common, session: sessionId, agent: agentId, ...described };
}

type Described = Pick<InboxEntry, "title" | "text" | "options">;

function describePermission({ requestJson }: WaitingInput): Described {
  const request = parseShape<PermissionRequestShape>(requestJson);
  const toolCall = objectOf(request.toolCall);
  const title = textOf(toolCall.title) ?? "go on";
  const contents = listOf<ContentShape>(toolCall.content);
  const details = [commandOf(toolCall.rawInput), ...contents.map(describeContent)];
  const text = details.filter((part) => part !== "" && part !== title);
  return {
    title: shorten(title, LONGEST_TITLE),
    text: [title, ...text].join("\n"),
    options: optionsOf(request).map(({ id, name, kind }) => ({ id, name, kind })),
  };
}

function describeQuestion({ requestJson }: WaitingInput): Described {
  const request = parseShape<ElicitationShape>(requestJson);
  const fields = fieldsOf(request);
  const message = textOf(request.message) ?? "a question";
  const [only] = fields;
  const options = fields.length === 1 ? (optionsOfField(only![1]) ?? []) : [];
  const form = fields.map(([name, field]) => `${name}: ${labelOf(name, field)}`);
  return {
    title: shorten(message, LONGEST_TITLE),
    text: fields.length > 1 ? [message, ...form].join("\n") : message,
    options: options.map(({ value, title }) => ({ id: String(value), name: title, kind: "choice" })),
  };
}

function describeAdmission({ name, address, reason }: PendingMember): Described {
  const title = `${name} wants to be let into the mesh`;
  const from = address === "" ? "" : `connected from ${address}`;
  const why = reason === "" ? "it has no invitation" : `its invitation did not do: ${reason}`;
  return {
    title,
    text: [title, from, why].filter((part) => part !== "").join("\n"),
    options: [
      { id: "approve", name: "let it in", kind: "approve" },
      { id: "deny", name: "refuse it", kind: "deny" },
    ],
  };
}

/** What agents put into the raw input of a tool call that runs something. */
function commandOf(rawInput: unknown): string {
  const { command } = (rawInput ?? {}) as { command?: unknown };
  if (typeof command === "string") return command;
  return Array.isArray(command) ? command.join(" ") : "";
}

function describeContent(content: ContentShape): string {
  if (content.type === "diff") return diffLines(content).join("\n");
  return textOf(objectOf(content.content).text) ?? "";
}

import { oneLine, plainText } from "../../text/plain-text.ts";
import { asObject, asObjects, asString, type JsonObject } from "./acp-json.ts";
import { contentText } from "./content.ts";

export type ToolStatus = "pending" | "in_progress" | "completed" | "failed";

export interface FileDiff {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** A tool call of an agent, as last heard of. */
export interface ToolCall {
  readonly id: string;
  readonly title: string;
  /** ACP's kind: "read", "edit", "execute", …; empty where none was said. */
  readonly kind: string;
  readonly status: ToolStatus;
  /** What it showed, but for diffs. */
  readonly output: string;
  readonly diffs: readonly FileDiff[];
  readonly startedAtMs: number;
  readonly endedAtMs: number | undefined;
}

/** Characters of a tool's output that are kept, the last ones: the agent's node has all of it. */
export const MAX_OUTPUT_CHARACTERS = 200_000;

const STATUSES: ReadonlySet<string> = new Set<ToolStatus>(["pending", "in_progress", "completed", "failed"]);

/** The tool call after ACP's `tool_call` or `tool_call_update`: what it does not say stays as it was. */
export function withToolUpdate(before: ToolCall | undefined, update: JsonObject, atMs: number): ToolCall {
  const said = asString(update.status);
  const status = STATUSES.has(said) ? (said as ToolStatus) : (before?.status ?? "pending");
  const ended = status === "completed" || status === "failed";
  const content = Array.isArray(update.content) ? asObjects(update.content) : undefined;
  return {
    id: before?.id ?? asString(update.toolCallId),
    title: oneLine(asString(update.title)) || before?.title || oneLine(asString(update.kind)) || "tool",
    kind: oneLine(asString(update.kind)) || before?.kind || "",
    status,
    output: outputOf(content, update.rawOutput) ?? before?.output ?? "",
    diffs: content === undefined ? (before?.diffs ?? []) : content.filter(isDiff).map(readDiff),
    startedAtMs: before?.startedAtMs ?? atMs,
    endedAtMs: ended ? (before?.endedAtMs ?? atMs) : undefined,
  };
}

function isDiff(content: JsonObject): boolean {
  return content.type === "diff";
}

function readDiff(content: JsonObject): FileDiff {
  return {
    path: oneLine(asString(content.path)),
    before: plainText(asString(content.oldText)),
    after: plainText(asString(content.newText)),
  };
}

/** The shown output; else, where a tool shows nothing, what it says of an error. Undefined: nothing new was said. */
function outputOf(content: readonly JsonObject[] | undefined, rawOutput: unknown): string | undefined {
  const shown = content
    ?.filter((part) => !isDiff(part))
    .map(partText)
    .join("\n");
  if (shown !== undefined && shown !== "") return trimOutput(shown);
  const error = asString(asObject(rawOutput).error);
  if (error !== "") return trimOutput(plainText(error));
  return shown;
}

function partText(part: JsonObject): string {
  if (part.type === "content") return contentText(asObject(part.content));
  if (part.type === "terminal") return `[terminal ${oneLine(asString(part.terminalId))}]`;
  return contentText(part);
}

function trimOutput(output: string): string {
  const trimmed = output.replace(/\n+$/, "");
  if (trimmed.length <= MAX_OUTPUT_CHARACTERS) return trimmed;
  return `… (only the end is kept here)\n${trimmed.slice(-MAX_OUTPUT_CHARACTERS)}`;
}

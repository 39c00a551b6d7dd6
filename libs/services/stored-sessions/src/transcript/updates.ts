/** The `update` of ACP's session/update. */
export type Update = { readonly sessionUpdate: string } & Readonly<Record<string, unknown>>;

/** A content block of ACP. */
export type Content = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Characters of one text that are shown: a page of a transcript holds many, and a screen shows few. */
const MAX_TEXT_CHARACTERS = 128 * 1024;
/** Characters of JSON for the input of a tool; its title and content say the same in short. */
const MAX_INPUT_CHARACTERS = 16 * 1024;
/** Characters of base64 of one image. */
const MAX_IMAGE_CHARACTERS = 1024 * 1024;

export function userText(text: string): Update[] {
  return text === "" ? [] : [{ sessionUpdate: "user_message_chunk", content: textContent(text) }];
}

export function userContent(content: Content): Update {
  return { sessionUpdate: "user_message_chunk", content };
}

export function agentText(text: string): Update[] {
  return text === "" ? [] : [{ sessionUpdate: "agent_message_chunk", content: textContent(text) }];
}

export function thoughtText(text: string): Update[] {
  return text === "" ? [] : [{ sessionUpdate: "agent_thought_chunk", content: textContent(text) }];
}

export interface ToolCallOptions {
  readonly id: string;
  readonly title: string;
  /** ACP's ToolKind. */
  readonly kind: string;
  readonly input: unknown;
  readonly content?: readonly object[];
}

export function toolCall({ id, title, kind, input, content = [] }: ToolCallOptions): Update {
  return {
    sessionUpdate: "tool_call",
    toolCallId: id,
    title,
    kind,
    status: "pending",
    ...(isShort(input) && { rawInput: input }),
    ...(content.length > 0 && { content }),
  };
}

export function toolResult(id: string, failed: boolean, content: readonly Content[]): Update {
  return {
    sessionUpdate: "tool_call_update",
    toolCallId: id,
    status: failed ? "failed" : "completed",
    ...(content.length > 0 && { content: content.map((block) => ({ type: "content", content: block })) }),
  };
}

/** A change of a file, as a tool call shows it. */
export function diffContent(path: string, oldText: string | null, newText: string): object {
  return {
    type: "diff",
    path,
    oldText: oldText === null ? null : boundedText(oldText),
    newText: boundedText(newText),
  };
}

export interface PlanStep {
  readonly content: string;
  readonly status: string;
}

const PLAN_STATUSES: ReadonlySet<string> = new Set(["pending", "in_progress", "completed"]);

export function plan(steps: readonly PlanStep[]): Update[] {
  const entries = steps
    .filter(({ content }) => content !== "")
    .map(({ content, status }) => ({
      content: boundedText(content),
      priority: "medium",
      status: PLAN_STATUSES.has(status) ? status : "pending",
    }));
  return entries.length === 0 ? [] : [{ sessionUpdate: "plan", entries }];
}

export function textContent(text: string): Content {
  return { type: "text", text: boundedText(text) };
}

export function imageContent(data: string, mimeType: string): Content {
  if (data.length <= MAX_IMAGE_CHARACTERS && data !== "") return { type: "image", data, mimeType };
  return { type: "text", text: `[an image of ${Math.round((data.length * 3) / 4 / 1024)} KiB]` };
}

/** The text, or its beginning and how much is left out, cut between characters. */
export function boundedText(text: string): string {
  if (text.length <= MAX_TEXT_CHARACTERS) return text;
  const last = text.charCodeAt(MAX_TEXT_CHARACTERS - 1);
  const cutsCharacter = last >= 0xd800 && last <= 0xdbff;
  const end = MAX_TEXT_CHARACTERS - (cutsCharacter ? 1 : 0);
  return `${text.slice(0, end)}\n[${text.length - end} more characters are not shown]`;
}

function isShort(input: unknown): boolean {
  if (input === undefined || input === null) return false;
  return JSON.stringify(input).length <= MAX_INPUT_CHARACTERS;
}

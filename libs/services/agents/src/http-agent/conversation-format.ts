import type { ContentBlock } from "@agentclientprotocol/sdk";
import { z } from "zod";

const conversationId = z.string().regex(/^chat-[0-9a-f]{32}$/);

/** What a conversation is besides its turns: the first line of its file. */
const conversationHead = z.object({
  version: z.literal(1),
  sessionId: conversationId,
  cwd: z.string(),
  title: z.string().optional(),
  /** Milliseconds since 1970. */
  updatedAt: z.number(),
  /** Whether the beginning is no longer kept. */
  cut: z.boolean(),
});

const storedTurn = z.object({
  prompt: z.array(
    z.custom<ContentBlock>((block) => z.looseObject({ type: z.string() }).safeParse(block).success),
  ),
  answer: z.string(),
  thought: z.string(),
});

export type ConversationHead = z.infer<typeof conversationHead>;

/** One prompt and what came of it; the answer of one that was stopped may be empty. A line of the file. */
export type StoredTurn = z.infer<typeof storedTurn>;

export interface StoredConversation {
  readonly head: ConversationHead;
  readonly turns: readonly StoredTurn[];
}

/** Ids that this agent gives out. Anything else is never looked for, least of all as part of a path. */
export function isConversationId(id: string): boolean {
  return conversationId.safeParse(id).success;
}

/** The file of a conversation. */
export function writeConversation({ head, turns }: StoredConversation): string {
  return [head, ...turns].map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** @throws Error if the text is no such file. */
export function parseConversation(text: string): StoredConversation {
  const [first = "", ...rest] = text.trimEnd().split("\n");
  return {
    head: conversationHead.parse(JSON.parse(first)),
    turns: rest.map((line) => storedTurn.parse(JSON.parse(line))),
  };
}

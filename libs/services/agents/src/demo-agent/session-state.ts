import type { SessionUpdate } from "@agentclientprotocol/sdk";
import { z } from "zod";
import { MODES, type ModeId } from "./modes.ts";

const sessionId = z.string().regex(/^demo-[0-9a-f]{32}$/);

/** What a session is besides its transcript. */
export const sessionHead = z.object({
  version: z.literal(1),
  sessionId,
  cwd: z.string(),
  title: z.string().optional(),
  /** Milliseconds since 1970. */
  updatedAt: z.number(),
  modeId: z.enum(MODES.map((mode) => mode.id) as [ModeId, ...ModeId[]]),
  pace: z.enum(["normal", "fast", "instant"]),
  verbosity: z.enum(["brief", "detailed"]),
  /** What `always` was answered to, by kind of tool. */
  remembered: z.partialRecord(z.enum(["execute", "edit"]), z.enum(["allow", "reject"])),
  /** Prompts so far. */
  turns: z.number().int().nonnegative(),
  /** A question asked by `ask`, whose answer is the next prompt. */
  waitingQuestion: z.string().optional(),
  inputCharacters: z.number(),
  outputCharacters: z.number(),
  /** Whether the beginning of the transcript is no longer kept. */
  cut: z.boolean(),
});

export type SessionHead = z.infer<typeof sessionHead>;

export interface SessionState {
  readonly head: SessionHead;
  readonly transcript: readonly SessionUpdate[];
}

/** Ids that this agent gives out. Anything else is never looked for, least of all as part of a path. */
export function isSessionId(id: string): boolean {
  return sessionId.safeParse(id).success;
}

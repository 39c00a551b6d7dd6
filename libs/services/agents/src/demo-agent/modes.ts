import type { SessionMode, SessionModeState } from "@agentclientprotocol/sdk";

export type ModeId = "ask" | "allow" | "read-only";

/** How a session treats what changes something (`run` and `edit`). A session begins in the first. */
export const MODES: readonly (SessionMode & { readonly id: ModeId })[] = [
  { id: "ask", name: "Ask", description: "Asks before it runs a command or edits a file" },
  { id: "allow", name: "Allow", description: "Runs commands and edits files without asking" },
  { id: "read-only", name: "Read only", description: "Refuses to run commands and to edit files" },
];

export function isModeId(value: unknown): value is ModeId {
  return MODES.some((mode) => mode.id === value);
}

export function modeState(currentModeId: ModeId): SessionModeState {
  return { currentModeId, availableModes: [...MODES] };
}

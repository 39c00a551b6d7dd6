/** What a tool call could not do, in words for the person: it ends the tool call as `failed`, never the turn or the process. */
export class ToolFailure extends Error {
  override readonly name = "ToolFailure";
}

/** The turn was cancelled: unwinds the command that was running. */
export class TurnCancelled extends Error {
  override readonly name = "TurnCancelled";

  constructor() {
    super("the turn was cancelled");
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

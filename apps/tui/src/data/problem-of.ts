import { StatusError } from "@clawmatrix/protocol";
import type { Problem } from "../state/open-session.ts";
import { oneLine } from "../text/plain-text.ts";

/** An error as the screen shows it. */
export function problemOf(error: unknown): Problem {
  const { message, hint } = StatusError.from(error);
  return { message: oneLine(message), hint: oneLine(hint) };
}

import { type StatusError, statusName } from "@clawmatrix/protocol";
import type { Output } from "./output.ts";

/**
 * Tells a person what failed, why, and what to do next, on standard error. Where data is printed as JSON, standard
 * output gets the error too, as its last object.
 */
export function reportError(error: StatusError, output: Output): void {
  const code = statusName(error.code);
  if (output.json) {
    output.document({
      type: "error",
      code,
      message: error.message,
      ...(error.reason === "" ? {} : { reason: error.reason }),
      ...(error.hint === "" ? {} : { hint: error.hint }),
    });
  }
  output.note(`${output.noteStyle("red", "clawmatrix:")} ${error.message}`);
  if (error.hint !== "") output.note(`  ${error.hint}`);
}

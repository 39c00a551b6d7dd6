import { CheckOutcome, type CheckResponseInit } from "@clawmatrix/protocol";

/** What one look at something found. */
export type Finding = CheckResponseInit;

export function good(subject: string, message: string): Finding {
  return { subject, outcome: CheckOutcome.GOOD, message };
}

/** It works, but not as it should. */
export function warning(subject: string, message: string, hint: string): Finding {
  return { subject, outcome: CheckOutcome.WARNING, message, hint };
}

/** Something does not work until it is mended. */
export function bad(subject: string, message: string, hint: string): Finding {
  return { subject, outcome: CheckOutcome.BAD, message, hint };
}

import type { Ask } from "./ask.ts";
import type { ToolCall } from "./tool-call.ts";

export type PlanStatus = "pending" | "in_progress" | "completed";

export interface PlanStep {
  readonly text: string;
  readonly status: PlanStatus;
}

/** One thing in a transcript. Items never change: what changes is put in their place, so that a layout can be kept. */
export type TranscriptItem =
  | { readonly kind: "prompt"; readonly text: string; readonly by: string }
  /** A piece of an answer, in Markdown. A long answer is several, so that only its end is laid out anew. */
  | { readonly kind: "answer"; readonly text: string; readonly begins: boolean }
  | { readonly kind: "thought"; readonly text: string }
  | { readonly kind: "tool"; readonly call: ToolCall }
  | { readonly kind: "plan"; readonly steps: readonly PlanStep[] }
  | { readonly kind: "asked"; readonly ask: Ask; readonly answer: string | undefined }
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "failure"; readonly text: string; readonly detail: string };

/** Whether it has more to show than it shows when folded. */
export function isFoldable(item: TranscriptItem): boolean {
  return item.kind === "tool" || item.kind === "thought";
}

import { checkJson, fromJson, isJsonObject, type JsonBytes, toJson } from "@clawmatrix/acp-wire";
import { type PermissionAnswer, StatusCode, StatusError } from "@clawmatrix/protocol";
import type { PermissionOption } from "./permission-choice.ts";

/** What an agent wants to know: a choice of options, or an elicitation. */
export type InputKind =
  | { readonly kind: "permission"; readonly options: readonly PermissionOption[] }
  | { readonly kind: "question" };

/** ACP's outcome of a permission request, or its response to an elicitation. */
export type Outcome = JsonBytes;

export const CANCELLED_PERMISSION: Outcome = toJson({ outcome: "cancelled" });
export const CANCELLED_QUESTION: Outcome = toJson({ action: "cancel" });
export const DECLINED_QUESTION: Outcome = toJson({ action: "decline" });

export function selected(optionId: string): Outcome {
  return toJson({ outcome: "selected", optionId });
}

export function cancelledOutcome(input: InputKind): Outcome {
  return input.kind === "permission" ? CANCELLED_PERMISSION : CANCELLED_QUESTION;
}

/** @throws StatusError INVALID_ARGUMENT, which names what can be answered, if the answer does not fit what was asked. */
export function outcomeOfAnswer(input: InputKind, answer: PermissionAnswer["answer"]): Outcome {
  if (answer.case === "cancelled") return cancelledOutcome(input);
  if (input.kind === "question") {
    if (answer.case !== "responseJson")
      throw unfit("a question is answered by ACP's response to an elicitation");
    const response = checkJson(answer.value, "the answer", "object");
    const value = fromJson(response);
    if (!isJsonObject(value) || typeof value.action !== "string") throw unfit("the answer needs an `action`");
    return response;
  }
  const ids = input.options.map((option) => option.optionId);
  if (answer.case === "responseJson") return wholeOutcome(answer.value, ids);
  if (answer.case === "optionId" && ids.includes(answer.value)) return selected(answer.value);
  throw unfit(
    ids.length === 0 ? "it has no options; it can only be cancelled" : `choose one of: ${ids.join(", ")}`,
  );
}

/** ACP's outcome as a client gave it, with what else it says (`_meta`, …). */
function wholeOutcome(bytes: Uint8Array, ids: readonly string[]): Outcome {
  const outcome = checkJson(bytes, "the outcome", "object");
  const value = fromJson(outcome);
  if (!isJsonObject(value)) throw unfit("the outcome is missing");
  if (value.outcome === "cancelled") return outcome;
  if (value.outcome === "selected" && ids.includes(String(value.optionId))) return outcome;
  throw unfit(`the outcome is "cancelled", or "selected" with one of: ${ids.join(", ")}`);
}

function unfit(message: string): StatusError {
  return new StatusError(StatusCode.INVALID_ARGUMENT, message, { reason: "bad-answer" });
}

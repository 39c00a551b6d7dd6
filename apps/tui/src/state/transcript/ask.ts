import { oneLine } from "../../text/plain-text.ts";
import { asObject, asObjects, asString, type JsonObject, readJson, writeJson } from "./acp-json.ts";
import { type QuestionField, readFields } from "./question-fields.ts";

export interface PermissionOption {
  readonly id: string;
  readonly name: string;
  /** ACP's kind: "allow_once", "allow_always", "reject_once", "reject_always", or a newer one. */
  readonly kind: string;
}

/** Something that waits for a person: a permission to give, or a question (ACP's elicitation) to answer. */
export type Ask =
  | {
      readonly kind: "permission";
      readonly id: string;
      readonly title: string;
      /** The tool call that it is about; empty where none. */
      readonly toolCallId: string;
      readonly toolCall: JsonObject;
      readonly options: readonly PermissionOption[];
    }
  | {
      readonly kind: "question";
      readonly id: string;
      readonly title: string;
      readonly fields: readonly QuestionField[];
      /** Where the person is to go instead of filling in fields; empty for forms. */
      readonly url: string;
    };

/** More options than there are digits cannot be chosen by one key. */
const MAX_OPTIONS = 9;

export function readPermission(id: string, requestJson: Uint8Array): Ask {
  const request = asObject(readJson(requestJson));
  const toolCall = asObject(request.toolCall);
  const options = asObjects(request.options)
    .slice(0, MAX_OPTIONS)
    .map((option) => ({
      id: asString(option.optionId),
      name: oneLine(asString(option.name)) || oneLine(asString(option.optionId)),
      kind: asString(option.kind),
    }));
  const title = oneLine(asString(toolCall.title)) || "do something that it does not name";
  return { kind: "permission", id, title, toolCallId: asString(toolCall.toolCallId), toolCall, options };
}

export function readQuestion(id: string, requestJson: Uint8Array): Ask {
  const request = asObject(readJson(requestJson));
  return {
    kind: "question",
    id,
    title: oneLine(asString(request.message)) || "It asks for an answer",
    fields: readFields(request.requestedSchema),
    url: request.mode === "url" ? oneLine(asString(request.url)) : "",
  };
}

/** How an answered ask was answered, in a few words. */
export function describeOutcome(ask: Ask, outcomeJson: Uint8Array, how: string): string {
  const response = asObject(readJson(outcomeJson));
  // ACP's response holds the outcome; the node passes on the outcome itself.
  const outcome = typeof response.outcome === "object" ? asObject(response.outcome) : response;
  const chosen =
    ask.kind === "permission" ? ask.options.find(({ id }) => id === outcome.optionId)?.name : undefined;
  if (chosen !== undefined) return chosen;
  if (outcome.optionId !== undefined) return oneLine(asString(outcome.optionId));
  if (outcome.action === "accept") {
    return (
      Object.values(asObject(outcome.content))
        .map((value) => oneLine(String(value)))
        .join(", ") || "accepted"
    );
  }
  return oneLine(asString(outcome.action) || asString(outcome.outcome)) || how || "answered";
}

/** ACP's response to an elicitation: `values` by field, or undefined when the person dismissed it. */
export function questionResponse(values: JsonObject | undefined): Uint8Array<ArrayBuffer> {
  return writeJson(values === undefined ? { action: "cancel" } : { action: "accept", content: values });
}

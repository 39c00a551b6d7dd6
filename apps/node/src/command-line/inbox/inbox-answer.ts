import type { PermissionAnswerInit, WaitingInput } from "@clawmatrix/protocol";
import { parseShape } from "../turn/acp-shapes.ts";
import { acceptQuestion, type ElicitationShape, fieldsOf, valueOfField } from "../turn/question-form.ts";
import { wrongUsage } from "../wrong-usage.ts";
import type { InboxOption } from "./inbox-entry.ts";

/** The option that a person means by its id, its kind, its number (from 1) or its name. @throws StatusError "wrong-usage". */
export function chooseOption(options: readonly InboxOption[], choice: string): InboxOption {
  const byKind = options.filter(({ kind }) => kind === choice);
  const found =
    options.find(({ id }) => id === choice) ??
    (byKind.length === 1 ? byKind[0] : undefined) ??
    options.find(({ name }) => name === choice) ??
    (/^\d+$/.test(choice) ? options[Number(choice) - 1] : undefined);
  if (found !== undefined) return found;
  const list = options.map(({ id, name }, index) => `${index + 1} ${id} (${name})`).join(", ");
  throw wrongUsage(`"${choice}" is none of the choices`, `Choose one of: ${list}.`);
}

/** What `answer ID CHOICE|TEXT` sends for a permission request. */
export function permissionAnswer(
  id: string,
  options: readonly InboxOption[],
  choice: string,
): PermissionAnswerInit {
  return { id, answer: { case: "optionId", value: chooseOption(options, choice).id } };
}

/** What it sends for a question: a text or choice for a form of one field, a JSON object for one of several. */
export function questionAnswer({ id, requestJson }: WaitingInput, text: string): PermissionAnswerInit {
  const fields = fieldsOf(parseShape<ElicitationShape>(requestJson));
  const [only] = fields;
  if (only === undefined) return acceptQuestion(id, {});
  if (fields.length === 1) return acceptQuestion(id, { [only[0]]: valueOfField(only[0], only[1], text) });
  const names = fields.map(([name]) => name).join(", ");
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // Not JSON is the same mistake as JSON that is no object: told below.
    content = undefined;
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw wrongUsage(
      `this question has several fields: ${names}`,
      "Answer with a JSON object that has them.",
    );
  }
  return acceptQuestion(id, content as Record<string, unknown>);
}

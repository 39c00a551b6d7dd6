import { type PermissionAnswerInit, StatusError } from "@clawmatrix/protocol";
import { parseShape, textOf } from "./acp-shapes.ts";
import type { Person } from "./person.ts";
import {
  acceptQuestion,
  type ElicitationShape,
  type FieldShape,
  type FieldValue,
  fieldsOf,
  labelOf,
  optionsOfField,
  valueOfField,
} from "./question-form.ts";

/** Asks the person at the terminal what an agent wants to know; undefined when somebody else has answered meanwhile. */
export async function askQuestion(
  person: Person,
  agent: string,
  id: string,
  requestJson: Uint8Array,
  signal: AbortSignal,
): Promise<PermissionAnswerInit | undefined> {
  const request = parseShape<ElicitationShape>(requestJson);
  const content: Record<string, unknown> = {};
  let question = `? ${agent} asks: ${textOf(request.message) ?? ""}\n`;
  for (const [name, field] of fieldsOf(request)) {
    const value = await askField(person, question, name, field, signal);
    if (value === undefined) return undefined;
    content[name] = value;
    question = "";
  }
  return acceptQuestion(id, content);
}

async function askField(
  person: Person,
  question: string,
  name: string,
  field: FieldShape,
  signal: AbortSignal,
): Promise<FieldValue | undefined> {
  const label = `${question}${labelOf(name, field)}`;
  const options = optionsOfField(field);
  if (options !== undefined) {
    const titles = options.map(({ title }) => title);
    const chosen = await person.choose(label, titles, signal);
    return chosen === undefined ? undefined : options[chosen]?.value;
  }
  for (;;) {
    const text = await person.ask(`${label}: `, signal);
    if (text === undefined) return undefined;
    try {
      return valueOfField(name, field, text);
    } catch (error) {
      person.say(StatusError.from(error).message);
    }
  }
}

import type { PermissionAnswerInit } from "@clawmatrix/protocol";
import { parseShape } from "./acp-shapes.ts";
import type { Person } from "./person.ts";

/** ACP's elicitation: a message, and a form as a flat JSON schema. */
interface ElicitationShape {
  readonly message?: string;
  readonly requestedSchema?: { readonly properties?: Readonly<Record<string, FieldShape>> };
}

interface FieldShape {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly oneOf?: readonly { readonly const?: string; readonly title?: string }[];
}

/** Asks the person at the terminal what an agent wants to know; undefined when somebody else has answered meanwhile. */
export async function askQuestion(
  person: Person,
  agent: string,
  id: string,
  requestJson: Uint8Array,
  signal: AbortSignal,
): Promise<PermissionAnswerInit | undefined> {
  const { message = "", requestedSchema } = parseShape<ElicitationShape>(requestJson);
  const fields = Object.entries(requestedSchema?.properties ?? {});
  const content: Record<string, unknown> = {};
  let question = `? ${agent} asks: ${message}\n`;
  for (const [name, field] of fields) {
    const value = await askField(person, question, name, field, signal);
    if (value === undefined) return undefined;
    content[name] = value;
    question = "";
  }
  const response = { action: "accept", content };
  return { id, answer: { case: "responseJson", value: new TextEncoder().encode(JSON.stringify(response)) } };
}

async function askField(
  person: Person,
  question: string,
  name: string,
  field: FieldShape,
  signal: AbortSignal,
): Promise<string | number | boolean | undefined> {
  const label = `${question}${field.title ?? field.description ?? name}`;
  const choices = field.oneOf?.flatMap(({ const: value, title }) =>
    value === undefined ? [] : [{ value, title: title ?? value }],
  );
  const options = choices ?? field.enum?.map((value) => ({ value, title: value }));
  if (options !== undefined) {
    const chosen = await person.choose(
      label,
      options.map(({ title }) => title),
      signal,
    );
    return chosen === undefined ? undefined : options[chosen]?.value;
  }
  if (field.type === "boolean") {
    const chosen = await person.choose(label, ["yes", "no"], signal);
    return chosen === undefined ? undefined : chosen === 0;
  }
  const text = await person.ask(`${label}: `, signal);
  if (text === undefined || (field.type !== "number" && field.type !== "integer")) return text;
  const number = Number(text);
  return Number.isFinite(number) ? number : askField(person, question, name, field, signal);
}

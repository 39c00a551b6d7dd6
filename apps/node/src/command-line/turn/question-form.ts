import type { PermissionAnswerInit } from "@clawmatrix/protocol";
import { wrongUsage } from "../wrong-usage.ts";
import { listOf, objectOf, textOf } from "./acp-shapes.ts";

/** ACP's elicitation: a message, and a form as a flat JSON schema. */
export interface ElicitationShape {
  readonly message?: string;
  readonly requestedSchema?: { readonly properties?: Readonly<Record<string, FieldShape>> };
}

/** One field of the form. */
export interface FieldShape {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly oneOf?: readonly { readonly const?: string; readonly title?: string }[];
}

export type FieldValue = string | number | boolean;

/** One of the values that a field can take, where they are given. */
export interface FieldOption {
  readonly value: FieldValue;
  readonly title: string;
}

/** The fields of a form, by name. */
export function fieldsOf({ requestedSchema }: ElicitationShape): [string, FieldShape][] {
  return Object.entries(objectOf(objectOf(requestedSchema).properties)).map(([name, field]) => [
    name,
    objectOf(field),
  ]);
}

/** What a field is called. */
export function labelOf(name: string, { title, description }: FieldShape): string {
  return textOf(title) ?? textOf(description) ?? name;
}

/** What can be chosen; undefined where the field takes a text or a number. */
export function optionsOfField(field: FieldShape): FieldOption[] | undefined {
  if (field.oneOf !== undefined) {
    return listOf<NonNullable<FieldShape["oneOf"]>[number]>(field.oneOf).flatMap((option) => {
      const value = textOf(option.const);
      return value === undefined ? [] : [{ value, title: textOf(option.title) ?? value }];
    });
  }
  if (Array.isArray(field.enum)) return field.enum.map((value) => ({ value, title: String(value) }));
  if (field.type !== "boolean") return undefined;
  return [
    { value: true, title: "yes" },
    { value: false, title: "no" },
  ];
}

/** What a person typed, as the field wants it: an option by its value, title or number, else the text or the number. */
export function valueOfField(name: string, field: FieldShape, text: string): FieldValue {
  const options = optionsOfField(field);
  if (options !== undefined) {
    const chosen =
      options.find(({ value, title }) => String(value) === text || title === text) ??
      options[Number(text) - 1];
    if (chosen !== undefined) return chosen.value;
    throw wrongUsage(
      `"${text}" is none of the answers`,
      `Choose one of: ${options.map(({ title }, index) => `${index + 1} ${title}`).join(", ")}.`,
    );
  }
  if (field.type !== "number" && field.type !== "integer") return text;
  const number = Number(text);
  if (text.trim() !== "" && Number.isFinite(number) && (field.type === "number" || Number.isInteger(number)))
    return number;
  throw wrongUsage(
    `${name} must be ${field.type === "number" ? "a number" : "a whole number"}, not "${text}"`,
  );
}

/** ACP's response to an elicitation, as an answer to the question `id`. */
export function acceptQuestion(id: string, content: Readonly<Record<string, unknown>>): PermissionAnswerInit {
  const response = { action: "accept", content };
  return { id, answer: { case: "responseJson", value: new TextEncoder().encode(JSON.stringify(response)) } };
}

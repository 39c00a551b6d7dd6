import { oneLine } from "../../text/plain-text.ts";
import { asObject, asObjects, asString, type JsonObject } from "./acp-json.ts";

export interface Choice {
  readonly value: unknown;
  readonly title: string;
}

/** One thing that a question wants to know. */
export interface QuestionField {
  readonly name: string;
  readonly title: string;
  readonly type: "string" | "number" | "integer" | "boolean" | "choices";
  /** Empty: anything may be typed. */
  readonly choices: readonly Choice[];
  readonly required: boolean;
}

/** A field's value as read from what a person typed, or what is wrong with it. */
export type FieldValue = { readonly value: unknown } | { readonly wrong: string };

/** Fields of one question; more are not asked. */
const MAX_FIELDS = 20;
const MAX_CHOICES = 100;

const YES_NO: readonly Choice[] = [
  { value: true, title: "yes" },
  { value: false, title: "no" },
];

/** The fields of ACP's restricted JSON schema. */
export function readFields(schema: unknown): QuestionField[] {
  const { properties, required } = asObject(schema);
  const needed = new Set(Array.isArray(required) ? required : []);
  return Object.entries(asObject(properties))
    .slice(0, MAX_FIELDS)
    .map(([name, property]) => readField(name, asObject(property), needed.has(name)));
}

function readField(name: string, property: JsonObject, required: boolean): QuestionField {
  const title = oneLine(asString(property.title) || asString(property.description) || name);
  if (property.type === "boolean") return { name, title, type: "boolean", choices: YES_NO, required };
  if (property.type === "array") {
    return { name, title, type: "choices", choices: readChoices(asObject(property.items)), required };
  }
  const type = property.type === "number" || property.type === "integer" ? property.type : "string";
  return { name, title, type, choices: readChoices(property), required };
}

function readChoices(schema: JsonObject): Choice[] {
  const named = asObjects(schema.oneOf ?? schema.anyOf).map((choice) => ({
    value: choice.const,
    title: oneLine(asString(choice.title)) || oneLine(String(choice.const)),
  }));
  const plain = Array.isArray(schema.enum)
    ? schema.enum.map((value: unknown) => ({ value, title: oneLine(String(value)) }))
    : [];
  return [...named, ...plain].slice(0, MAX_CHOICES);
}

/** Reads what was typed into a field: a choice by its number or title (several: with commas), a number, or the text. */
export function readFieldValue(field: QuestionField, typed: string): FieldValue {
  const text = typed.trim();
  if (text === "") return field.required ? { wrong: `${field.title} is needed` } : { value: undefined };
  if (field.type === "choices") return readSeveral(field, text);
  if (field.choices.length > 0) return readChoice(field, text);
  if (field.type === "string") return { value: typed };
  const number = Number(text);
  const right = field.type === "integer" ? Number.isInteger(number) : Number.isFinite(number);
  return right ? { value: number } : { wrong: `${field.title} is a number; "${text}" is none` };
}

function readChoice(field: QuestionField, text: string): FieldValue {
  const byTitle = field.choices.find(({ title }) => title.toLowerCase() === text.toLowerCase());
  const choice = byTitle ?? (/^\d+$/.test(text) ? field.choices[Number(text) - 1] : undefined);
  if (choice !== undefined) return { value: choice.value };
  return { wrong: `choose one of ${field.choices.map(({ title }) => title).join(", ")}` };
}

function readSeveral(field: QuestionField, text: string): FieldValue {
  const read = text.split(",").map((part) => readChoice(field, part.trim()));
  const wrong = read.find((value) => "wrong" in value);
  return wrong ?? { value: read.map((value) => ("value" in value ? value.value : undefined)) };
}

import type * as z from "zod";
import type { ConfigurationProblem } from "./configuration-error.ts";
import { type JsonSchema, jsonSchema, schemaAt } from "./json-schema.ts";
import { nearest } from "./suggest.ts";
import type { KeyPath, TomlDocument } from "./toml-document.ts";

type Issue = z.core.$ZodIssue;

/** How the types that the schema expects are called in TOML. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "a text in quotes",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: 'a list, as in ["…"]',
  object: "a table",
  record: "a table",
};

/** What is wrong, in the words of TOML and without the value. The schema's own messages come first. */
export function wordMessage(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === "invalid_type") {
    return issue.input === undefined
      ? "is missing"
      : `must be ${TYPE_WORDS[issue.expected] ?? issue.expected}`;
  }
  if (issue.code === "invalid_value") {
    const right = issue.values.map(String);
    const near = typeof issue.input === "string" ? nearest(issue.input, right) : undefined;
    return `must be one of ${right.join(", ")}${near === undefined ? "" : `; did you mean ${near}?`}`;
  }
  return undefined;
}

/** The schema's issues with their places in the file; for each unknown key the nearest right one. */
export function problemsOf(issues: readonly Issue[], document: TomlDocument): ConfigurationProblem[] {
  const schema = jsonSchema();
  return issues.flatMap((issue) => {
    const path = issue.path as KeyPath;
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => problemAt(document, [...path, key], unknownKey(key, path, schema)));
    }
    if (issue.code === "invalid_key")
      return [problemAt(document, path, issue.issues[0]?.message ?? "is no valid key")];
    return [problemAt(document, path, issue.message)];
  });
}

/** A problem with the value at `path`. */
export function problemAt(document: TomlDocument, path: KeyPath, message: string): ConfigurationProblem {
  return { ...document.placeOf(path), key: nameOf(path, document), message };
}

function unknownKey(key: string, path: KeyPath, schema: JsonSchema): string {
  const keys = Object.keys(schemaAt(schema, path)?.properties ?? {});
  const near = nearest(key, keys);
  if (near !== undefined) return `is no key that is known here; did you mean ${near}?`;
  const home = Object.entries(schema.properties ?? {}).find(
    ([, table]) => (table.properties ?? table.items?.properties)?.[key] !== undefined,
  );
  if (home !== undefined)
    return `is no key that is known here; it belongs into ${headerOf(home[0], home[1])}`;
  return `is no key that is known here; known are ${keys.join(", ")}`;
}

function headerOf(name: string, schema: JsonSchema): string {
  return schema.type === "array" ? `[[${name}]]` : `[${name}]`;
}

/** The path as a person would say it: elements of a list by their id, where they have one. */
function nameOf(path: KeyPath, document: TomlDocument): string {
  let value: unknown = document.value;
  let name = "";
  for (const key of path) {
    value = (value as Record<string | number, unknown> | undefined)?.[key];
    const id = typeof key === "number" ? (value as { id?: unknown } | undefined)?.id : undefined;
    const shown = typeof id === "string" && /^[\w.-]{1,63}$/.test(id) ? id : key;
    if (typeof shown === "number") name += `[${shown + 1}]`;
    else name += `${name === "" ? "" : "."}${shortened(shown)}`;
  }
  return name;
}

const MAX_KEY_CHARACTERS = 64;

/** A key as it may be printed: no line ends or escapes, not endless. */
function shortened(key: string): string {
  const plain = /^[A-Za-z0-9_.-]+$/.test(key) ? key : JSON.stringify(key);
  return plain.length > MAX_KEY_CHARACTERS ? `${plain.slice(0, MAX_KEY_CHARACTERS)}…` : plain;
}

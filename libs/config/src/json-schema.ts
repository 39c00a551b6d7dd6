import * as z from "zod";
import { fileSchema } from "./file-schema.ts";
import type { KeyPath } from "./toml-document.ts";

/** The part of JSON schema that the configuration's schema uses. */
export interface JsonSchema {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  /** The key in whose place this one stands: examples show one or the other. */
  readonly "x-instead-of"?: string;
  readonly additionalProperties?: boolean | JsonSchema;
}

/** The schema of the file as JSON schema (draft 2020-12), for editors and for what is generated from it. */
export function jsonSchema(): JsonSchema {
  return z.toJSONSchema(fileSchema, {
    io: "input",
    // Zod drops `examples` of values that it transforms; ours are examples of what is written, before that.
    override({ jsonSchema: schema }) {
      if (!("example" in schema)) return;
      schema.examples = [schema.example];
      delete schema.example;
    },
  }) as JsonSchema;
}

/** The part of the schema that describes the value at `path`, or undefined if none does. */
export function schemaAt(schema: JsonSchema, path: KeyPath): JsonSchema | undefined {
  let at: JsonSchema | undefined = schema;
  for (const key of path) {
    const others: JsonSchema | undefined =
      typeof at?.additionalProperties === "object" ? at.additionalProperties : undefined;
    at = typeof key === "number" ? at?.items : (at?.properties?.[key] ?? others);
  }
  return at;
}

/** The keys of a block in the blocks in which examples show them: those that stand in place of others by themselves. */
export function exampleBlocks(schema: JsonSchema): Record<string, JsonSchema>[] {
  const keys = Object.entries(schema.properties ?? {});
  const instead = keys.filter(([, each]) => each["x-instead-of"] !== undefined);
  if (instead.length === 0) return [Object.fromEntries(keys)];
  // What both have, with another example where there is one: two blocks of one id are a mistake.
  const required = keys.flatMap(([key, each]): [string, JsonSchema][] =>
    schema.required?.includes(key) ? [[key, { ...each, examples: each.examples?.slice(-1) ?? [] }]] : [],
  );
  return [
    Object.fromEntries(keys.filter((entry) => !instead.includes(entry))),
    Object.fromEntries([...required, ...instead]),
  ];
}

/** A block that may stand more than once: `[[name]]`. */
export function isBlock(schema: JsonSchema): boolean {
  return schema.type === "array" && schema.items?.properties !== undefined;
}

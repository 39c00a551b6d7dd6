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

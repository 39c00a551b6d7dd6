import type { NewConfiguration } from "./configuration.ts";
import { exampleBlocks, isBlock, type JsonSchema, jsonSchema } from "./json-schema.ts";
import { tomlValue } from "./toml-text.ts";

const COMMENT_WIDTH = 100;

/**
 * The file that `init` and `join` write: every key with its description, set where there is a value for it, else as a
 * comment with its default or an example. Blocks that may repeat are comments as a whole.
 */
export function renderNewFile(values: NewConfiguration): string {
  const set: Readonly<Record<string, unknown>> = {
    name: values.name,
    "mesh.listen": values.listen,
    "mesh.peers": values.peers?.length ? values.peers : undefined,
  };
  const { properties = {} } = jsonSchema();
  const tables = Object.entries(properties).filter(([, schema]) => isTable(schema) || isBlock(schema));
  const keys = Object.entries(properties).filter(([, schema]) => !isTable(schema) && !isBlock(schema));
  return [
    comment(
      "Configuration of this ClawMatrix node. Lines with one '#' show a key with its default or an example. Check it with 'clawmatrix config check'.",
    ),
    ...keys.map(([key, schema]) => keyLines(key, schema, set[key])),
    ...tables.map(([name, schema]) =>
      isBlock(schema) ? blockLines(name, schema) : tableLines(name, schema, set),
    ),
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}

function tableLines(name: string, schema: JsonSchema, set: Readonly<Record<string, unknown>>): string {
  const keys = Object.entries(schema.properties ?? {});
  const lines = keys.map(([key, each]) => keyLines(key, each, set[`${name}.${key}`]));
  return [`${comment(schema.description ?? "")}\n[${name}]`, ...lines].join("\n\n");
}

function blockLines(name: string, schema: JsonSchema): string {
  const blocks = exampleBlocks(schema.items ?? {}).map((keys) =>
    [`# [[${name}]]`, ...Object.entries(keys).map(([key, each]) => keyLines(key, each, undefined))].join(
      "\n\n",
    ),
  );
  return `${comment(schema.description ?? "")}\n${blocks.join("\n\n")}`;
}

function keyLines(key: string, schema: JsonSchema, value: unknown): string {
  const shown = value ?? exampleOf(schema);
  return `${comment(schema.description ?? "")}\n${value === undefined ? "# " : ""}${key} = ${tomlValue(shown)}`;
}

/** An example where there is one: it says more than an empty default. */
function exampleOf(schema: JsonSchema): unknown {
  return schema.examples?.[0] ?? schema.default ?? schema.enum?.[0] ?? "";
}

function isTable(schema: JsonSchema): boolean {
  return schema.type === "object" && schema.properties !== undefined;
}

/** `## ` and not `# `, so that words are told from keys that only have to lose their `# `. */
function comment(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > COMMENT_WIDTH) lines.push(`## ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join("\n");
}

import { exampleBlocks, isBlock, type JsonSchema, jsonSchema } from "./json-schema.ts";
import { tomlValue } from "./toml-text.ts";

/** All keys with kind, default, meaning and example, in Markdown. */
export function renderReference(): string {
  const schema = jsonSchema();
  const entries = Object.entries(schema.properties ?? {});
  const sections = entries.filter(([, each]) => tableOf(each) !== undefined);
  const plain = entries.filter(([, each]) => tableOf(each) === undefined);
  return [
    "# Configuration",
    "One file in TOML. `clawmatrix config path` says where it is, `clawmatrix config check` what is wrong in it, and `clawmatrix config schema` prints a JSON schema for editors. This page is generated from the schema.",
    'Durations are numbers with a unit (`500ms`, `60s`, `5m`, `1h30m`, `30d`), sizes too (`512KiB`, `64MiB`). A secret is a text, `{ env = "NAME" }` for a variable of the node\'s environment, or `{ command = ["program", "argument"] }` for what a command prints. A file that holds secrets as texts must be readable to its owner only (`chmod 600`). `~` is the home directory.',
    "## Keys at the top",
    keyTable(Object.fromEntries(plain), schema.required),
    ...sections.flatMap(([name, each]) => section(name, each)),
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}

function section(name: string, schema: JsonSchema): string[] {
  const header = schema.type === "array" ? `[[${name}]]` : `[${name}]`;
  const table = tableOf(schema);
  const properties = table?.properties ?? {};
  const required = schema.type === "array" ? table?.required : [];
  const blocks = Object.entries(properties).filter(([, each]) => isBlock(each));
  return [
    `## \`${header}\``,
    schema.description ?? "",
    keyTable(properties, required),
    ...exampleBlocks(table ?? {}).flatMap((keys) => example(header, keys)),
    ...blocks.flatMap(([key, each]) => section(`${name}.${key}`, each)),
  ];
}

/** Blocks within blocks have an example of their own. */
function example(header: string, keys: Readonly<Record<string, JsonSchema>>): string[] {
  const lines = Object.entries(keys).flatMap(([key, each]) =>
    each.examples === undefined || isBlock(each) ? [] : [`${key} = ${tomlValue(each.examples[0])}`],
  );
  return lines.length === 0 ? [] : [["```toml", header, ...lines, "```"].join("\n")];
}

function keyTable(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): string {
  const rows = Object.entries(properties).map(([key, schema]) => {
    const fallback = required.includes(key) ? "required" : defaultOf(schema);
    return `| \`${key}\` | ${kindOf(schema)} | ${fallback} | ${cell(schema.description ?? "")} |`;
  });
  return ["| key | kind | default | meaning |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function kindOf(schema: JsonSchema): string {
  if (schema.title !== undefined) return cell(schema.title);
  if (schema.enum !== undefined) return schema.enum.map((each) => `\`${each}\``).join(", ");
  if (isBlock(schema)) return "blocks";
  if (schema.type === "array") return `list of: ${kindOf(schema.items ?? {})}`;
  if (schema.type === "string") return "text";
  return schema.type === "boolean" ? "`true`, `false`" : (schema.type ?? "");
}

function defaultOf(schema: JsonSchema): string {
  return schema.default === undefined ? "" : `\`${cell(tomlValue(schema.default))}\``;
}

function tableOf(schema: JsonSchema): JsonSchema | undefined {
  if (schema.type === "array") return schema.items?.properties === undefined ? undefined : schema.items;
  return schema.properties === undefined ? undefined : schema;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

import { describe, expect, it } from "vitest";
import { jsonSchema } from "./json-schema.ts";
import { parseText } from "./parse-configuration.ts";
import { renderNewFile } from "./render-new-configuration.ts";
import { renderReference } from "./render-reference.ts";

const source = { file: "config.toml", homedir: "/home/ada", hostname: "box" };

describe("what is generated from the schema", () => {
  it("is a new file that is right as it is, and with all its examples taken in", () => {
    const text = renderNewFile({ name: "server", listen: "0.0.0.0:19000", peers: ["wss://p.example"] });
    const plain = parseText(text, source);
    expect(plain).toMatchObject({
      name: "server",
      mesh: { listen: { port: 19000 }, peers: ["wss://p.example"] },
    });
    expect(plain.agents).toEqual([]);
    const all = parseText(text.replaceAll(/^# /gm, ""), source);
    expect(all).toMatchObject({
      agents: [
        { kind: "process", id: "coder" },
        { kind: "http", id: "assistant" },
      ],
      models: [{ id: "qwen3-coder" }],
      grants: [{ to: ["laptop"] }],
    });
  });

  it("is a reference with every key, and examples that the file accepts", () => {
    const reference = renderReference();
    const schema = jsonSchema();
    for (const [name, table] of Object.entries(schema.properties ?? {})) {
      for (const key of Object.keys(table.properties ?? table.items?.properties ?? { [name]: table })) {
        expect(reference).toContain(`| \`${key}\` |`);
      }
    }
    const examples = [...reference.matchAll(/```toml\n([^`]*)```/g)].map(([, text]) => text);
    expect(examples.length).toBeGreaterThan(4);
    expect(() => parseText(examples.join("\n"), source)).not.toThrow();
  });

  it("is a JSON schema in which every key has a description", () => {
    const visit = (schema: ReturnType<typeof jsonSchema>): void => {
      for (const each of Object.values(schema.properties ?? {})) {
        expect(each.description ?? each.title).toBeTruthy();
        visit(each.items ?? each);
      }
    };
    visit(jsonSchema());
  });
});

import { expect, it } from "vitest";
import { COMMANDS, commandFor, PLACES, type Place } from "./commands.ts";
import { renderKeysReference } from "./keys-reference.ts";

it("gives each command an id of its own, and each key one meaning in a place", () => {
  const ids = COMMANDS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const place of Object.keys(PLACES) as Place[]) {
    const keys = COMMANDS.filter(({ where }) => where === place).flatMap(
      (command): readonly string[] => command.keys,
    );
    expect(new Set(keys).size).toBe(keys.length);
  }
});

it("takes the most particular place that knows a key", () => {
  expect(commandFor("enter", ["sessions", "everywhere"])).toBe("list.open");
  expect(commandFor("?", ["sessions", "everywhere"])).toBe("help");
  expect(commandFor("alt-2", ["session", "everywhere"])).toBe("nodes");
});

it("never takes a character for a command where text goes", () => {
  for (const key of ["q", "?", "1"]) expect(commandFor(key, ["session", "everywhere"])).toBeUndefined();
});

it("writes every command into the reference", () => {
  const reference = renderKeysReference();
  for (const { id, description } of COMMANDS) expect(reference).toContain(`| ${description} | \`${id}\` |`);
});

it("has its reference in docs/keys.md", async () => {
  await expect(renderKeysReference()).toMatchFileSnapshot("../../../../docs/keys.md");
});

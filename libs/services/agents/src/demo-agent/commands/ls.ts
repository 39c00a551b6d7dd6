import { opendir } from "node:fs/promises";
import { ToolFailure } from "../failures.ts";
import { textContent, withToolCall } from "../tool-call.ts";
import { codeOf, pathFrom, resolveInside } from "../workspace.ts";
import type { Command } from "./command.ts";

/** Entries shown of a directory. */
const MAX_ENTRIES = 200;
/** Entries read of a directory, so that the ones shown are the first by name. */
const MAX_ENTRIES_READ = 10_000;

export const ls: Command = {
  name: "ls",
  input: "[path]",
  description: "Lists a directory",
  async run(argument, turn) {
    const { cwd } = turn.session;
    const path = argument || ".";
    await withToolCall(turn, { title: `ls ${path}`, kind: "read", rawInput: { path } }, async (call) => {
      const directory = await resolveInside(cwd, path);
      await call.begin();
      const { names, more } = await listDirectory(directory.real, directory.shown);
      const shown = names.slice(0, MAX_ENTRIES);
      const left = more ? "more" : String(names.length - shown.length);
      const cut = more || names.length > shown.length;
      const text = `${shown.join("\n")}${cut ? `\n… and ${left} entries that are not shown` : ""}`;
      return {
        content: [textContent(text || "(empty)")],
        locations: [{ path: directory.shown }],
        rawOutput: { entries: shown.length, truncated: cut },
        summary: `${pathFrom(cwd, directory.shown)}: ${names.length}${more ? "+" : ""} entries`,
      };
    });
  },
};

async function listDirectory(real: string, shown: string): Promise<{ names: string[]; more: boolean }> {
  const names: string[] = [];
  try {
    for await (const entry of await opendir(real)) {
      if (names.length === MAX_ENTRIES_READ) return { names: names.sort(), more: true };
      names.push(
        entry.isDirectory() ? `${entry.name}/` : entry.isSymbolicLink() ? `${entry.name}@` : entry.name,
      );
    }
  } catch (error) {
    throw new ToolFailure(`${shown} cannot be listed (${codeOf(error)}).`, { cause: error });
  }
  return { names: names.sort(), more: false };
}

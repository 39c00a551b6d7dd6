import type { JsonObject } from "@clawmatrix/acp-wire";
import { objectsIn, textIn } from "../files/json-line.ts";
import { diffContent } from "./updates.ts";

/** Changes of one tool call that are shown. */
const MAX_DIFFS = 50;

/** What a tool that changes files was to do, as diffs; none for other tools and other inputs. */
export function editDiffs(name: string, input: JsonObject): object[] {
  const path = textIn(input, "file_path") || textIn(input, "path");
  if (path === "") return [];
  switch (name.toLowerCase()) {
    case "write":
      return typeof input.content === "string" ? [diffContent(path, null, input.content)] : [];
    case "edit":
      return oneDiff(path, input);
    case "multiedit":
      return objectsIn(input, "edits")
        .slice(0, MAX_DIFFS)
        .flatMap((edit) => oneDiff(path, edit));
    default:
      return [];
  }
}

/** Claude Code writes `old_string`, OpenClaw's agent `oldText`. */
function oneDiff(path: string, edit: JsonObject): object[] {
  const before = edit.old_string ?? edit.oldText;
  const after = edit.new_string ?? edit.newText;
  return typeof before === "string" && typeof after === "string" ? [diffContent(path, before, after)] : [];
}

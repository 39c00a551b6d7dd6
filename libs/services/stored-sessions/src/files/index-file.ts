import { join } from "node:path";
import type { JsonObject } from "@clawmatrix/acp-wire";
import { isJsonObject } from "@clawmatrix/acp-wire";
import { readLastLines } from "./file-lines.ts";
import { parseLine } from "./json-line.ts";
import { stateOfFile, withRegularFile } from "./regular-file.ts";

/** An index with thousands of sessions has a few MiB; more is not read at one go. */
const MAX_INDEX_BYTES = 32 * 1024 * 1024;

/** The JSON object in a small file inside `root`; undefined where there is none that can be read. */
export async function readIndexFile(root: string, ...names: string[]): Promise<JsonObject | undefined> {
  const state = await stateOfFile(root, join(root, ...names));
  if (state === undefined || state.size > MAX_INDEX_BYTES) return undefined;
  try {
    const text = await withRegularFile(state.path, (file) => file.readFile("utf8"));
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined; // It is being written, or is none of ours to read: the transcripts say enough.
  }
}

/** The newest lines of a file to which lines are only ever added, in its order. */
export async function readNewestLines(root: string, name: string, maxBytes: number): Promise<JsonObject[]> {
  const state = await stateOfFile(root, join(root, name));
  if (state === undefined) return [];
  try {
    const lines = await withRegularFile(state.path, (file, size) => readLastLines(file, size, maxBytes));
    return lines.map(parseLine).filter((value) => value !== undefined);
  } catch {
    return []; // As above.
  }
}

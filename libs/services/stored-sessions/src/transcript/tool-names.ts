import type { JsonObject } from "@clawmatrix/acp-wire";
import { shortText } from "../short-text.ts";

/** ACP's kind of a tool, by its name in small letters without "_": of the tools that these programs bring along. */
const KINDS: Readonly<Record<string, string>> = {
  read: "read",
  notebookread: "read",
  viewimage: "read",
  readfile: "read",
  edit: "edit",
  multiedit: "edit",
  write: "edit",
  notebookedit: "edit",
  applypatch: "edit",
  bash: "execute",
  exec: "execute",
  execcommand: "execute",
  shell: "execute",
  shellcommand: "execute",
  localshell: "execute",
  process: "execute",
  grep: "search",
  glob: "search",
  find: "search",
  ls: "search",
  toolsearch: "search",
  webfetch: "fetch",
  websearch: "fetch",
  browser: "fetch",
  task: "think",
  agent: "think",
  todowrite: "think",
  updateplan: "think",
  exitplanmode: "switch_mode",
};

export function toolKind(name: string): string {
  const key = name.toLowerCase().replaceAll("_", "");
  return Object.hasOwn(KINDS, key) ? KINDS[key]! : "other";
}

/** Members of a tool's input that say what it is about, the most telling first. */
const TELLING = ["command", "cmd", "file_path", "path", "pattern", "query", "url", "description", "prompt"];

/** A tool call in one line: its name and what it is about. */
export function toolTitle(name: string, input: JsonObject): string {
  const about = TELLING.map((member) => wordsOf(input[member])).find((text) => text !== "") ?? "";
  return shortText(about === "" ? name : `${name} ${about}`);
}

/** A command may be a list: program and arguments, often a shell and its line. */
function wordsOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (!Array.isArray(value) || !value.every((word) => typeof word === "string")) return "";
  return /^(?:ba|z|da|fi)?sh$/.test(value[0] ?? "") && value.length > 2
    ? (value.at(-1) ?? "")
    : value.join(" ");
}

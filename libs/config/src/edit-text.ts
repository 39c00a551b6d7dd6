import { StatusCode, StatusError } from "@clawmatrix/protocol";
import type { AST } from "toml-eslint-parser";
import { blockRanges, type TextRange } from "./block-ranges.ts";
import type { ConfigurationEdit, NewAgent } from "./configuration.ts";
import { type KeyPath, parseTomlDocument, pathOf, type TomlDocument } from "./toml-document.ts";
import { tomlString, tomlValue } from "./toml-text.ts";

/**
 * Changes the text of a configuration and nothing but what the edit names: comments, order and spacing stay. Whether
 * the result is a right configuration is for the caller to check.
 * @throws ConfigurationError if the text is not TOML; StatusError `already-exists` or `not-found` for an agent,
 *   `failed-precondition` if the text has a form that cannot be edited without touching more.
 */
export function editText(text: string, edit: ConfigurationEdit, file: string): string {
  const document = parseTomlDocument(text, file);
  const edited = apply(document, edit);
  return text.includes("\r\n") ? edited.replaceAll(/\r?\n/g, "\r\n") : edited;
}

function apply(document: TomlDocument, edit: ConfigurationEdit): string {
  switch (edit.kind) {
    case "add-agent":
      return addAgent(document, edit.agent);
    case "remove-agent":
      return removeAgent(document, edit.id);
    case "set-peers":
      return setPeers(document, edit.peers);
    case "set-name":
      return setName(document, edit.name);
  }
}

function addAgent(document: TomlDocument, agent: NewAgent): string {
  if (indexOfAgent(document, agent.id) >= 0) {
    throw new StatusError(StatusCode.ALREADY_EXISTS, `an agent "${agent.id}" is configured already`, {
      hint: `take another id, or remove that one first: clawmatrix agents remove ${agent.id}`,
    });
  }
  refuseInlineAgents(document);
  const { id, apiKey, ...rest } = agent;
  const pairs = Object.entries({ id, ...rest, api_key: apiKey }).filter(([, value]) => value !== undefined);
  const block = ["[[agents]]", ...pairs.map(([key, value]) => `${key} = ${tomlValue(value)}`)].join("\n");
  const last = blockRanges(document, (path) => path[0] === "agents").at(-1);
  return insertBlock(document.text, last?.end ?? document.text.length, block);
}

function removeAgent(document: TomlDocument, id: string): string {
  const index = indexOfAgent(document, id);
  if (index < 0) {
    throw new StatusError(StatusCode.NOT_FOUND, `no agent "${id}" is configured`, {
      hint: "see: clawmatrix agents",
    });
  }
  refuseInlineAgents(document);
  const ranges = blockRanges(document, (path) => path[0] === "agents" && path[1] === index);
  return ranges.toReversed().reduce(cutBlock, document.text);
}

function setPeers(document: TomlDocument, peers: readonly string[]): string {
  const { text } = document;
  const found = findPair(document, ["mesh", "peers"]);
  if (found !== undefined) return replacePeers(text, found.value, peers);
  const list = tomlValue(peers);
  const table = document.root.body.find(
    (item) => item.type === "TOMLTable" && isPath(item.resolvedKey, ["mesh"]),
  );
  if (table?.type === "TOMLTable")
    return insertLine(text, lineEnd(text, table.key.range[1]), `peers = ${list}`);
  const inline = findPair(document, ["mesh"]);
  if (inline?.value.type === "TOMLInlineTable") {
    const last = inline.value.body.at(-1);
    if (last === undefined) return splice(text, inline.value.range, `{ peers = ${list} }`);
    return splice(text, [last.range[1], last.range[1]], `, peers = ${list}`);
  }
  const dotted = document.root.body.find(
    (item) => item.type === "TOMLKeyValue" && pathOf([], item)[0] === "mesh",
  );
  if (dotted !== undefined) return insertLine(text, lineEnd(text, dotted.range[1]), `mesh.peers = ${list}`);
  return insertBlock(text, text.length, `[mesh]\npeers = ${list}`);
}

/** Peers that come after the ones that are there are added; only then do comments between them stay. */
function replacePeers(text: string, value: AST.TOMLContentNode, peers: readonly string[]): string {
  const elements = value.type === "TOMLArray" ? value.elements : [];
  const kept = elements.every((each, i) => each.type === "TOMLValue" && each.value === peers[i]);
  const last = elements.at(-1);
  if (!kept || last === undefined) return splice(text, value.range, tomlValue(peers));
  const added = peers.slice(elements.length).map((peer) => `, ${tomlString(peer)}`);
  return splice(text, [last.range[1], last.range[1]], added.join(""));
}

function setName(document: TomlDocument, name: string): string {
  const found = findPair(document, ["name"]);
  if (found !== undefined) return splice(document.text, found.value.range, tomlString(name));
  // Keys of the root stand before the first table. A byte order mark stays first.
  const start = document.text.startsWith("\uFEFF") ? 1 : 0;
  return splice(document.text, [start, start], `name = ${tomlString(name)}\n`);
}

function indexOfAgent(document: TomlDocument, id: string): number {
  const { agents } = document.value;
  return Array.isArray(agents) ? agents.findIndex((agent) => agent?.id === id) : -1;
}

function refuseInlineAgents(document: TomlDocument): void {
  if (findPair(document, ["agents"]) === undefined) return;
  throw new StatusError(
    StatusCode.FAILED_PRECONDITION,
    "the agents are written as one list, not as [[agents]] blocks",
    {
      hint: "write them as [[agents]] blocks, or change the file by hand: clawmatrix config edit",
    },
  );
}

/** The pair whose key has exactly this path, however it is written. */
function findPair(document: TomlDocument, path: KeyPath): AST.TOMLKeyValue | undefined {
  const search = (
    pairs: readonly (AST.TOMLKeyValue | AST.TOMLTable)[],
    base: KeyPath,
  ): AST.TOMLKeyValue | undefined => {
    for (const item of pairs) {
      const at = item.type === "TOMLTable" ? item.resolvedKey : pathOf(base, item);
      if (item.type === "TOMLKeyValue" && isPath(at, path)) return item;
      const inside = item.type === "TOMLTable" ? item.body : inlinePairs(item);
      const found = search(inside, at);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search(document.root.body, []);
}

function inlinePairs(pair: AST.TOMLKeyValue): AST.TOMLKeyValue[] {
  return pair.value.type === "TOMLInlineTable" ? pair.value.body : [];
}

function isPath(path: KeyPath, wanted: KeyPath): boolean {
  return path.length === wanted.length && path.every((key, i) => key === wanted[i]);
}

function splice(text: string, [start, end]: readonly [number, number], replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** Where the line ends that holds `offset`, before its line end. */
function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  if (end < 0) return text.length;
  return text[end - 1] === "\r" ? end - 1 : end;
}

function insertLine(text: string, offset: number, line: string): string {
  return splice(text, [offset, offset], `\n${line}`);
}

/** A block between empty lines. */
function insertBlock(text: string, offset: number, block: string): string {
  const before = text.slice(0, offset).trimEnd();
  const after = text.slice(offset).replace(/^\s*\n/, "");
  return `${before === "" ? "" : `${before}\n\n`}${block}\n${after.trim() === "" ? "" : `\n${after.replace(/^\n+/, "")}`}`;
}

function cutBlock(text: string, { start, end }: TextRange): string {
  const before = text.slice(0, start).trimEnd();
  const after = text.slice(end).replace(/^(?:[ \t]*\r?\n)+/, "");
  if (after.trim() === "") return before === "" ? "" : `${before}\n`;
  return before === "" ? after : `${before}\n\n${after}`;
}

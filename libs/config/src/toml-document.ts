import { type AST, ParseError, parseTOML } from "toml-eslint-parser";
import { ConfigurationError } from "./configuration-error.ts";

/** From the root: names of keys, and numbers of elements. */
export type KeyPath = readonly (string | number)[];

/** Where something begins, from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A TOML text with its values, and the place of each of them. */
export interface TomlDocument {
  readonly text: string;
  readonly root: AST.TOMLTopLevelTable;
  readonly comments: readonly AST.Comment[];
  /** Tables without prototype, lists, texts, numbers, booleans; dates are dates, integers past 2^53 bigints. */
  readonly value: Record<string, unknown>;
  /** Where the key is, or the nearest table around it that is there. */
  placeOf(path: KeyPath): Place;
}

/** Larger than any configuration that a person keeps in order. */
const MAX_CHARACTERS = 256 * 1024;

interface PlaceNode {
  place: Place;
  readonly children: Map<string | number, PlaceNode>;
}

/**
 * Reads TOML 1.0.
 * @throws ConfigurationError with the place of the first mistake: after one, the rest cannot be trusted.
 */
export function parseTomlDocument(text: string, file: string): TomlDocument {
  const program = parse(text, file);
  const root = program.body[0];
  const value: Record<string, unknown> = Object.create(null);
  const places: PlaceNode = { place: { line: 1, column: 1 }, children: new Map() };
  for (const item of root.body) {
    if (item.type === "TOMLKeyValue") {
      assign(value, places, [], item);
      continue;
    }
    tableAt(value, places, item.resolvedKey, placeOfNode(item));
    for (const pair of item.body) assign(value, places, item.resolvedKey, pair);
  }
  return { text, root, comments: program.comments, value, placeOf: (path) => find(places, path) };
}

/** The path of a key and value inside the table at `base`. */
export function pathOf(base: KeyPath, pair: AST.TOMLKeyValue): KeyPath {
  return [...base, ...pair.key.keys.map((key) => (key.type === "TOMLBare" ? key.name : key.value))];
}

function parse(text: string, file: string): AST.TOMLProgram {
  const at = (line: number, column: number, message: string, cause?: unknown) =>
    new ConfigurationError(file, [{ line, column, key: "", message }], cause);
  if (text.length > MAX_CHARACTERS) throw at(1, 1, `the file is larger than ${MAX_CHARACTERS} characters`);
  try {
    return parseTOML(text, { tomlVersion: "1.0" });
  } catch (cause) {
    if (cause instanceof ParseError)
      throw at(cause.lineNumber, cause.column + 1, `not TOML: ${cause.message}`);
    if (cause instanceof RangeError) throw at(1, 1, "lists or tables are nested too deeply");
    throw at(1, 1, "not TOML", cause);
  }
}

function assign(
  value: Record<string, unknown>,
  places: PlaceNode,
  base: KeyPath,
  pair: AST.TOMLKeyValue,
): void {
  const path = pathOf(base, pair);
  const place = placeOfNode(pair);
  const [table, node] = tableAt(value, places, path.slice(0, -1), place);
  const last = path.at(-1)!;
  const child = childOf(node, last, place);
  child.place = place;
  table[last as string] = contentOf(pair.value, child);
}

/** The table at `path`, made if it is not there. The parser has refused whatever would make this ambiguous. */
function tableAt(
  root: Record<string, unknown>,
  places: PlaceNode,
  path: KeyPath,
  place: Place,
): [Record<string, unknown>, PlaceNode] {
  let table = root;
  let node = places;
  path.forEach((key, depth) => {
    table[key] ??= typeof path[depth + 1] === "number" ? [] : Object.create(null);
    table = table[key] as Record<string, unknown>;
    node = childOf(node, key, place);
  });
  return [table, node];
}

function contentOf(content: AST.TOMLContentNode, node: PlaceNode): unknown {
  switch (content.type) {
    case "TOMLArray":
      return content.elements.map((element, i) => contentOf(element, childOf(node, i, placeOfNode(element))));
    case "TOMLInlineTable": {
      const table: Record<string, unknown> = Object.create(null);
      for (const pair of content.body) assign(table, node, [], pair);
      return table;
    }
    default:
      return scalarOf(content);
  }
}

function scalarOf(content: AST.TOMLValue): unknown {
  if (content.kind === "integer") {
    return Number.isSafeInteger(Number(content.bigint)) ? Number(content.bigint) : content.bigint;
  }
  return content.value;
}

function childOf(node: PlaceNode, key: string | number, place: Place): PlaceNode {
  let child = node.children.get(key);
  if (child === undefined) {
    child = { place, children: new Map() };
    node.children.set(key, child);
  }
  return child;
}

function find(places: PlaceNode, path: KeyPath): Place {
  let node = places;
  for (const key of path) {
    const child = node.children.get(key);
    if (child === undefined) break;
    node = child;
  }
  return node.place;
}

function placeOfNode(node: { readonly loc: AST.SourceLocation }): Place {
  return { line: node.loc.start.line, column: node.loc.start.column + 1 };
}

import type { DescField, DescMessage, DescOneof } from "@bufbuild/protobuf";
import { type GeneratedFile, safeIdentifier } from "@bufbuild/protoplugin";
import {
  type FieldValue,
  LENGTH_DELIMITED,
  optional,
  packable,
  tagOf,
  typeOf,
  valueType,
  wireType,
} from "./fields.ts";

/**
 * Prints a message's decoder: one switch over whole tags, values gathered in variables, the object made once. A field
 * that comes with another wire type than its own is unknown, and kept as such.
 */
export function printDecoder(f: GeneratedFile, message: DescMessage): void {
  const { name } = message;
  f.print(
    `export function read${name}(r: FrameReader, end: number, previous: ${name} | undefined): ${name} {`,
  );
  for (const member of message.members) printVariable(f, member);
  f.print(`  let unknown: UnknownField[] | undefined;`);
  f.print(`  if (previous !== undefined) {`);
  for (const member of message.members) f.print(`    ${variable(member)} = previous.${member.localName};`);
  f.print(`    unknown = previous.$unknown;`);
  f.print(`  }`);
  f.print(`  while (r.position < end) {`);
  f.print(`    const tag = r.tag();`);
  f.print(`    switch (tag) {`);
  for (const field of message.fields) printCases(f, field);
  f.print(`      default:`);
  f.print(`        unknown = r.unknown(tag, unknown);`);
  f.print(`    }`);
  f.print(`  }`);
  f.print(`  if (r.position !== end) r.overrun();`);
  const members = message.members.map((member) =>
    variable(member) === member.localName ? member.localName : `${member.localName}: ${variable(member)}`,
  );
  const literal = `{ ${[`$typeName: "${message.typeName}"`, ...members].join(", ")} }`;
  f.print(`  const m: ${name} = ${literal};`);
  f.print(`  if (unknown !== undefined) m.$unknown = unknown;`);
  f.print(`  return m;`);
  f.print(`}`);
}

/** Names that the decoder uses itself. */
const TAKEN: ReadonlySet<string> = new Set(["r", "m", "end", "previous", "tag", "unknown"]);

function variable(member: DescField | DescOneof): string {
  const name = safeIdentifier(member.localName);
  return TAKEN.has(name) ? `${name}Field` : name;
}

function printVariable(f: GeneratedFile, member: DescField | DescOneof): void {
  const type = `${member.parent.name}["${member.localName}"]`;
  f.print(`  let ${variable(member)}: ${type} = ${defaultOf(member)};`);
}

function defaultOf(member: DescField | DescOneof): string {
  if (member.kind === "oneof") return "{ case: undefined }";
  if (member.fieldKind === "list") return "[]";
  const value = valueType(member);
  if (value.kind === "message" || optional(member)) return "undefined";
  return value.kind === "enum" ? "0" : ZERO[value.scalar];
}

const ZERO = {
  string: `""`,
  bytes: "EMPTY_BYTES",
  bool: "false",
  uint32: "0",
  int32: "0",
  uint64: "0n",
  int64: "0n",
  double: "0",
} as const;

function printCases(f: GeneratedFile, field: DescField): void {
  const value = valueType(field);
  if (field.fieldKind === "list" && packable(value)) {
    f.print(`      case ${tagOf(field, LENGTH_DELIMITED)}: {`);
    f.print(`        const packedEnd = r.length();`);
    f.print(`        while (r.position < packedEnd) ${assign(field, value)}`);
    f.print(`        if (r.position !== packedEnd) r.overrun();`);
    f.print(`        break;`);
    f.print(`      }`);
  }
  f.print(`      case ${tagOf(field, wireType(value))}:`);
  f.print(`        ${assign(field, value)}`);
  f.print(`        break;`);
}

function assign(field: DescField, value: FieldValue): string {
  if (field.fieldKind === "list") {
    return `${variable(field)}.push(r.element(${read(value, "undefined")}));`;
  }
  if (field.oneof === undefined) return `${variable(field)} = ${read(value, variable(field))};`;
  const oneof = variable(field.oneof);
  const before = `${oneof}.case === "${field.localName}" ? ${oneof}.value : undefined`;
  return `${oneof} = { case: "${field.localName}", value: ${read(value, before)} };`;
}

function read(value: FieldValue, previous: string): string {
  if (value.kind === "message") return `read${value.message.name}(r, r.length(), ${previous})`;
  if (value.kind === "enum") return `r.int32() as ${typeOf(value)}`;
  return value.scalar === "bytes" ? "r.bytesField()" : `r.${value.scalar}()`;
}

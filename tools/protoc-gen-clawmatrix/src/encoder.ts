import type { DescField, DescMessage, DescOneof } from "@bufbuild/protobuf";
import type { GeneratedFile } from "@bufbuild/protoplugin";
import {
  type FieldValue,
  LENGTH_DELIMITED,
  optional,
  packable,
  tagOf,
  valueType,
  wireType,
} from "./fields.ts";

/**
 * Prints a message's encoder: straight down its fields in the order of their numbers, which makes the bytes the
 * same as protobuf-es'.
 */
export function printEncoder(f: GeneratedFile, message: DescMessage): void {
  f.print(`export function write${message.name}(m: ${message.name}Init, w: FrameWriter): void {`);
  for (const run of runsOf(message)) {
    if (run.oneof === undefined) printField(f, run.fields[0]!);
    else printOneof(f, run.oneof, run.fields);
  }
  f.print(`  if (m.$unknown) w.unknown(m.$unknown);`);
  f.print(`}`);
  f.print();
}

interface Run {
  readonly oneof: DescOneof | undefined;
  readonly fields: DescField[];
}

/** Fields in the order of their numbers; neighbours of one oneof together, so that they share a switch. */
function runsOf(message: DescMessage): Run[] {
  const runs: Run[] = [];
  for (const field of message.fields.toSorted((a, b) => a.number - b.number)) {
    const { oneof } = field;
    const last = runs.at(-1);
    if (oneof !== undefined && last?.oneof === oneof) last.fields.push(field);
    else runs.push({ oneof, fields: [field] });
  }
  return runs;
}

function printOneof(f: GeneratedFile, oneof: DescOneof, fields: readonly DescField[]): void {
  const from = `m.${oneof.localName}`;
  f.print(`  if (${from}) {`);
  f.print(`    switch (${from}.case) {`);
  for (const field of fields) {
    f.print(`      case "${field.localName}": {`);
    for (const line of write(field, valueType(field), `${from}.value`)) f.print(`        ${line}`);
    f.print(`        break;`);
    f.print(`      }`);
  }
  f.print(`    }`);
  f.print(`  }`);
}

function printField(f: GeneratedFile, field: DescField): void {
  const value = valueType(field);
  const from = `m.${field.localName}`;
  if (field.fieldKind === "list") {
    printList(f, field, value);
    return;
  }
  f.print(`  if (${present(field, value, from)}) {`);
  for (const line of write(field, value, from)) f.print(`    ${line}`);
  f.print(`  }`);
}

function printList(f: GeneratedFile, field: DescField, value: FieldValue): void {
  const from = `m.${field.localName}`;
  f.print(`  if (${from}?.length) {`);
  if (packable(value)) {
    f.print(`    const start = w.begin(${tagOf(field, LENGTH_DELIMITED)});`);
    f.print(`    for (const value of ${from}) w.${methodOf(value)}Value(value);`);
    f.print(`    w.end(start);`);
  } else {
    f.print(`    for (const value of ${from}) {`);
    for (const line of write(field, value, "value")) f.print(`      ${line}`);
    f.print(`    }`);
  }
  f.print(`  }`);
}

/** The condition under which a field that stands alone is written: it is set, and not to its default. */
function present(field: DescField, value: FieldValue, from: string): string {
  const set = `${from} !== undefined`;
  if (optional(field)) return set;
  if (value.kind === "message") return from;
  if (value.kind === "enum") return `${set} && ${from} !== 0`;
  switch (value.scalar) {
    case "string":
    case "bool":
    case "uint64":
    case "int64":
      return from;
    case "bytes":
      return `${from}?.length`;
    case "double":
      return `${set} && !Object.is(${from}, 0)`;
    default:
      // NaN is not left out as if it were 0, but refused by the writer.
      return `${set} && ${from} !== 0`;
  }
}

function write(field: DescField, value: FieldValue, from: string): string[] {
  const tag = tagOf(field, wireType(value));
  if (value.kind !== "message") return [`w.${methodOf(value)}(${tag}, ${from});`];
  return [`const start = w.begin(${tag});`, `write${value.message.name}(${from}, w);`, `w.end(start);`];
}

function methodOf(value: FieldValue): string {
  if (value.kind === "message") throw new Error("a message has no method of the writer's");
  if (value.kind === "enum") return "int32";
  return value.scalar === "bytes" ? "bytesField" : value.scalar;
}

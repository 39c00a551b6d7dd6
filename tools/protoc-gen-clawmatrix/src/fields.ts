import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";

/** What a field's value is, whether it stands alone, in a list or in a oneof. */
export type FieldValue =
  | { readonly kind: "message"; readonly message: DescMessage }
  | { readonly kind: "enum"; readonly name: string }
  | { readonly kind: "scalar"; readonly scalar: SupportedScalar };

export type SupportedScalar =
  | "string"
  | "bytes"
  | "bool"
  | "uint32"
  | "int32"
  | "uint64"
  | "int64"
  | "double";

const SCALARS: ReadonlyMap<ScalarType, SupportedScalar> = new Map([
  [ScalarType.STRING, "string"],
  [ScalarType.BYTES, "bytes"],
  [ScalarType.BOOL, "bool"],
  [ScalarType.UINT32, "uint32"],
  [ScalarType.INT32, "int32"],
  [ScalarType.UINT64, "uint64"],
  [ScalarType.INT64, "int64"],
  [ScalarType.DOUBLE, "double"],
]);

/** Tags of fields up to here take two bytes at most, which is what the writer and the reader are made for. */
export const MAX_FIELD_NUMBER = 2047;

/** The value of a field; undefined where the generator does not support its type. */
export function fieldValue(field: DescField): FieldValue | undefined {
  if (field.fieldKind === "map") return undefined;
  if (field.message !== undefined) return { kind: "message", message: field.message };
  if (field.enum !== undefined) return { kind: "enum", name: field.enum.name };
  const scalar = SCALARS.get(field.scalar!);
  return scalar === undefined ? undefined : { kind: "scalar", scalar };
}

/** The value of a field that the refusals have passed. */
export function valueType(field: DescField): FieldValue {
  const value = fieldValue(field);
  if (value === undefined) throw new Error(`${field} has a type that was to be refused`);
  return value;
}

const VARINT = 0;
const FIXED_64 = 1;
export const LENGTH_DELIMITED = 2;

/** The wire type of one value. */
export function wireType(value: FieldValue): number {
  if (value.kind === "message") return LENGTH_DELIMITED;
  if (value.kind === "enum") return VARINT;
  if (value.scalar === "double") return FIXED_64;
  return value.scalar === "string" || value.scalar === "bytes" ? LENGTH_DELIMITED : VARINT;
}

/** The tag before a value of the field. */
export function tagOf(field: DescField, wire: number): number {
  return field.number * 8 + wire;
}

/** Numbers in lists stand packed: one tag, one length, all values. */
export function packable(value: FieldValue): boolean {
  return wireType(value) !== LENGTH_DELIMITED;
}

/** Distinguishes unset from the default: `optional`. */
export function optional(field: DescField): boolean {
  return field.fieldKind !== "list" && field.oneof === undefined && field.proto.proto3Optional;
}

/** The TypeScript type of one value that was read. */
export function typeOf(value: FieldValue): string {
  if (value.kind === "message") return value.message.name;
  return value.kind === "enum" ? value.name : SCALAR_TYPES[value.scalar];
}

/** The TypeScript type of one value to be written. */
export function initTypeOf(value: FieldValue): string {
  return value.kind === "message" ? `${value.message.name}Init` : typeOf(value);
}

const SCALAR_TYPES: Readonly<Record<SupportedScalar, string>> = {
  string: "string",
  bytes: "Uint8Array",
  bool: "boolean",
  uint32: "number",
  int32: "number",
  uint64: "bigint",
  int64: "bigint",
  double: "number",
};

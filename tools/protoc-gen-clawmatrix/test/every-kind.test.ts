import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { create, createFileRegistry, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { afterAll, expect, test } from "vitest";
import { compile, generate } from "./proto-files.ts";

/** What the protocol itself does not use, or not yet, and the generator offers. */
const EVERY_KIND = `syntax = "proto3";
package every.kind.v1;
import "clawmatrix/v1/options.proto";

enum Colour { COLOUR_UNSPECIFIED = 0; COLOUR_RED = 1; COLOUR_FAR = 70000; }
message Leaf { string text = 1; }

message Kinds {
  // Numbers in lists are packed; either form is read.
  repeated uint32 counts = 1;
  repeated int64 offsets = 2;
  repeated Colour colours = 3;
  repeated bool flags = 4;
  repeated double ratios = 5;
  repeated uint64 big = 17;
  repeated int32 signed = 2047;
  // A oneof with other fields between its own.
  oneof choice {
    string word = 6;
    Leaf leaf = 8;
    Colour colour = 21;
    double ratio = 22;
    int64 offset = 23;
  }
  int64 between = 7;
  optional string note = 9;
  optional bool sure = 10;
  optional Colour tint = 11;
  optional bytes blob = 12;
  optional uint64 size = 13;
  int32 negative = 14;
  // Names that JavaScript or the generated code keep for themselves.
  string case = 15;
  string default = 16;
  string r = 18;
  string m = 19;
  bytes end = 20;
  string previous = 24;
  string tag = 25;
  string unknown = 26;
  string constructor = 27;
  string to_string = 28;
}
`;

const PATH = "every/kind/v1/kinds.proto";
const PROTOCOL = join(import.meta.dirname, "../../../libs/protocol/src");

const compiled = compile({ [PATH]: EVERY_KIND });
const desc = createFileRegistry(compiled).getMessage("every.kind.v1.Kinds") as DescMessage;
const folder = mkdtempSync(join(tmpdir(), "clawmatrix-every-kind-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface KindsType {
  encode(message: object): Uint8Array;
  decode(bytes: Uint8Array): Record<string, unknown>;
}

const Kinds = await loadGenerated();

/** Writes the generated files where they find the protocol's own modules as they expect them, and loads them. */
async function loadGenerated(): Promise<KindsType> {
  for (const [path, content] of generate(compiled, [PATH])) {
    mkdirSync(dirname(join(folder, "gen", path)), { recursive: true });
    writeFileSync(join(folder, "gen", path), content);
  }
  for (const module of ["empty-bytes.ts", "message-type.ts"]) {
    writeFileSync(join(folder, module), `export * from ${JSON.stringify(join(PROTOCOL, module))};\n`);
  }
  // The generated file stands three folders below gen, and so looks for them there.
  const generated = (await import(join(folder, "gen/every/kind/v1/kinds-messages.ts"))) as {
    Kinds: KindsType;
  };
  return generated.Kinds;
}

const lists = {
  counts: [0, 1, 127, 128, 0xffffffff],
  offsets: [0n, -1n, 1n, -(1n << 63n), (1n << 63n) - 1n],
  colours: [0, 1, 70000, -5],
  flags: [true, false, true],
  ratios: [0, -0, 1.5, Number.NaN, Number.NEGATIVE_INFINITY],
  big: [0n, 1n, (1n << 64n) - 1n, 1795340000123n],
  signed: [0, -1, 2147483647, -2147483648],
};
const choices = [
  { case: "word", value: "" },
  { case: "leaf", value: {} },
  { case: "leaf", value: { text: "x".repeat(200) } },
  { case: "colour", value: 0 },
  { case: "ratio", value: -0 },
  { case: "offset", value: -2n },
];
const names = ["case", "default", "r", "m", "previous", "tag", "unknown", "toString$", "constructor$"];

const values: readonly Record<string, unknown>[] = [
  {},
  lists,
  ...choices.map((choice) => ({ choice, between: 5n, negative: -3 })),
  { note: "", sure: false, tint: 0, blob: new Uint8Array(0), size: 0n },
  { note: "n", sure: true, tint: 1, blob: Uint8Array.of(1), size: 7n },
  { ...Object.fromEntries(names.map((name) => [name, name])), end: Uint8Array.of(1, 2) },
];

test.each(values)("value %# has protobuf-es' bytes, and is read as it reads them", (init) => {
  const bytes = toBinary(desc, create(desc, init));
  expect(Buffer.from(Kinds.encode(init)).toString("hex")).toBe(Buffer.from(bytes).toString("hex"));
  expect(Kinds.decode(bytes)).toEqual(fromBinary(desc, bytes));
});

test("a name that is not the field's own in TypeScript is protobuf-es' name", () => {
  expect(Object.keys(Kinds.decode(new Uint8Array(0)))).toEqual(
    expect.arrayContaining(desc.members.map((m) => m.localName)),
  );
});

test("numbers in lists are read one by one as well, and the two forms mixed", () => {
  const bytes = Buffer.from("0801080210010a0203040805", "hex");
  expect(Kinds.decode(bytes)).toMatchObject({ counts: [1, 2, 3, 4, 5], offsets: [1n] });
});

test("a packed list that ends inside a number is refused", () => {
  expect(() => Kinds.decode(Buffer.from("0a0280800801", "hex"))).toThrow("malformed message");
});

test("the last of a oneof's fields holds, and messages of the same field are merged", () => {
  const bytes = Buffer.from("320161" + "42030a0162", "hex");
  expect(Kinds.decode(bytes)).toMatchObject({ choice: { case: "leaf", value: { text: "b" } } });
  const twice = Buffer.from("42030a0162" + "4200", "hex");
  expect(Kinds.decode(twice)).toMatchObject({ choice: { case: "leaf", value: { text: "b" } } });
});

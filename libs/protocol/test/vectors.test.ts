import { create, fromJson, toJson } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { frameTypeOf, frameTypes, StatusCode, StatusError } from "../src/index.ts";
import { type MessagePair, messagePairs } from "./descriptors.ts";
import { type FrameVector, type MalformedVector, readVectors, type UnknownFieldsVector } from "./vectors.ts";

const pairs = new Map((await messagePairs()).map((pair) => [pair.desc.typeName, pair]));
const frames = readVectors<FrameVector>("frames.json");
const unknownFields = readVectors<UnknownFieldsVector>("unknown-fields.json");
const malformed = readVectors<MalformedVector>("malformed.json");

describe("the golden bytes of a frame", () => {
  test.each(frames)("$type $hex", ({ frame, type: typeName, json, hex }) => {
    const { type, desc } = pairOf(typeName);
    expect(frameTypeOf(frame)?.typeName).toBe(typeName);
    const bytes = Buffer.from(hex, "hex");
    expect(toJson(desc, create(desc, type.decode(bytes) as never))).toEqual(json);
    expect(Buffer.from(type.encode(fromJson(desc, json))).toString("hex")).toBe(hex);
  });

  test("are there for every frame type (add them with `node libs/protocol/test/add-vectors.ts`)", () => {
    const names = frameTypes.map((type) => type.typeName);
    expect([...new Set(frames.map((vector) => vector.type))].sort()).toEqual(names.toSorted());
    expect([...new Set(unknownFields.map((vector) => vector.type))].sort()).toEqual(names.toSorted());
  });
});

describe("fields of a newer version are kept", () => {
  test.each(unknownFields)("$type", ({ type: typeName, hex }) => {
    const { type } = pairOf(typeName);
    expect(Buffer.from(type.encode(type.decode(Buffer.from(hex, "hex")))).toString("hex")).toBe(hex);
  });
});

describe("bytes are refused", () => {
  test.each(malformed)("$type $hex: $why", ({ type: typeName, hex }) => {
    const { type } = pairOf(typeName);
    const refusal = failureOf(() => type.decode(Buffer.from(hex, "hex")));
    expect(refusal).toBeInstanceOf(StatusError);
    expect(refusal).toMatchObject({ code: StatusCode.INVALID_ARGUMENT, reason: "malformed-frame" });
  });
});

function pairOf(typeName: string): MessagePair {
  const pair = pairs.get(typeName);
  if (pair === undefined) throw new Error(`there is no message ${typeName}; was it renamed?`);
  return pair;
}

function failureOf(decode: () => object): unknown {
  try {
    return decode();
  } catch (failure) {
    return failure;
  }
}

/**
 * Adds golden bytes for frame types that have none, and leaves those that are there alone: `node libs/protocol/test/add-vectors.ts`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { create, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import fc from "fast-check";
import { arbitraryMessage } from "./arbitrary-message.ts";
import { isFrameType, type MessagePair, messagePairs } from "./descriptors.ts";
import { type FrameVector, type UnknownFieldsVector, VECTORS } from "./vectors.ts";

const SEED = 20261122;
const VALUES_PER_TYPE = 3;

/** Field 2040 (varint), 2041 (text) and 2042 (four bytes): numbers far from those in use. */
const NEWER_FIELDS = "c07f9601ca7f0568656c6c6fd57f01020304";

const pairs = (await messagePairs()).filter(({ type }) => isFrameType(type));
extend<FrameVector>("frames.json", frameVectors);
extend<UnknownFieldsVector>("unknown-fields.json", unknownFieldsVectors);

function extend<V extends { readonly type: string }>(
  file: string,
  make: (pair: MessagePair, seed: number) => V[],
): void {
  const path = join(VECTORS, file);
  const text = readFileSync(path, { encoding: "utf8", flag: "a+" });
  const vectors: V[] = text === "" ? [] : JSON.parse(text);
  const missing = pairs.filter(({ desc }) => !vectors.some((vector) => vector.type === desc.typeName));
  for (const pair of missing) vectors.push(...make(pair, SEED + frameNumber(pair)));
  const lines = vectors.map((vector) => `  ${JSON.stringify(vector)}`);
  writeFileSync(path, `[\n${lines.join(",\n")}\n]\n`);
  console.log(`${file}: ${missing.length} frame types added`);
}

function frameVectors(pair: MessagePair, seed: number): FrameVector[] {
  const { desc } = pair;
  const values = [create(desc), ...fc.sample(arbitraryMessage(desc), { seed, numRuns: VALUES_PER_TYPE })];
  const hexes = new Set(values.map((value) => Buffer.from(toBinary(desc, value)).toString("hex")));
  return [...hexes].map((hex) => ({
    frame: frameNumber(pair),
    type: desc.typeName,
    json: toJson(desc, fromBinary(desc, Buffer.from(hex, "hex"))),
    hex,
  }));
}

function unknownFieldsVectors(pair: MessagePair, seed: number): UnknownFieldsVector[] {
  const { desc } = pair;
  const [value] = fc.sample(arbitraryMessage(desc), { seed, numRuns: 1 });
  const known = Buffer.from(toBinary(desc, value!)).toString("hex");
  return [{ frame: frameNumber(pair), type: desc.typeName, hex: known + NEWER_FIELDS }];
}

function frameNumber({ type }: MessagePair): number {
  return isFrameType(type) ? type.number : 0;
}

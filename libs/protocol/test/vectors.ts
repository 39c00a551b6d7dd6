import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonValue } from "@bufbuild/protobuf";

/** The folder of the golden bytes (its README says what they mean). */
export const VECTORS = join(import.meta.dirname, "../../../proto/vectors");

export interface FrameVector {
  readonly frame: number;
  readonly type: string;
  readonly json: JsonValue;
  readonly hex: string;
}

export interface UnknownFieldsVector {
  readonly frame: number;
  readonly type: string;
  readonly hex: string;
}

export interface MalformedVector {
  readonly type: string;
  readonly hex: string;
  readonly why: string;
}

export function readVectors<V>(file: string): V[] {
  return JSON.parse(readFileSync(join(VECTORS, file), "utf8"));
}

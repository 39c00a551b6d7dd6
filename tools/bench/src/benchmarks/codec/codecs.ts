import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  createFileRegistry,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  fromJson,
  type JsonValue,
  toBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type FrameType, frameTypes } from "@clawmatrix/protocol";
import protobuf from "protobufjs";
import type { Work } from "../../measure.ts";
import { typicalFrames } from "./typical-frames.ts";

const ROOT = join(import.meta.dirname, "../../../../..");

/** One frame type's typical value, ready to be encoded and decoded by each codec. */
export interface FrameCase {
  readonly name: string;
  readonly bytes: number;
  readonly codecs: Readonly<Record<CodecName, { readonly encode: Work; readonly decode: Work }>>;
}

export type CodecName = "ours" | "protobuf-es" | "protobufjs" | "JSON";

/**
 * All frame types. protobufjs runs the code that its reflection compiles at the first use: the same straight-line
 * code that its static target prints. JSON works on the JSON form, in which bytes are base64 text and 64-bit
 * numbers are text already: what it would cost to make and undo that is not counted.
 */
export async function frameCases(): Promise<FrameCase[]> {
  const registry = descriptors();
  const root = await protobufjsRoot();
  const typical = typicalFrames();
  const missing = frameTypes.filter((type) => typical[shortName(type)] === undefined).map(shortName);
  if (missing.length > 0) throw new Error(`typical-frames.ts has no value of ${missing.join(", ")}`);
  return frameTypes.map((type) => {
    const desc = registry.getMessage(type.typeName);
    if (desc === undefined) throw new Error(`${type.typeName} is not in proto/`);
    return frameCase(type, desc, root.lookupType(type.typeName), typical[shortName(type)] as JsonValue);
  });
}

function shortName(type: FrameType): string {
  return type.typeName.replace(/^.*\./, "");
}

function frameCase(type: FrameType, desc: DescMessage, pbjs: protobuf.Type, json: JsonValue): FrameCase {
  const message = fromJson(desc, json);
  const bytes = Buffer.from(toBinary(desc, message));
  const view = new Uint8Array(bytes);
  const value = type.decode(view) as never;
  const pbjsValue = pbjs.fromObject(json as Record<string, unknown>);
  const text = JSON.stringify(json);
  for (const other of [type.encode(value), pbjs.encode(pbjsValue).finish()]) {
    if (!bytes.equals(other)) throw new Error(`${type.typeName}: the codecs do not agree on its bytes`);
  }
  return {
    name: shortName(type),
    bytes: bytes.length,
    codecs: {
      ours: { encode: () => type.encode(value), decode: () => type.decode(view) },
      "protobuf-es": { encode: () => toBinary(desc, message), decode: () => fromBinary(desc, view) },
      protobufjs: { encode: () => pbjs.encode(pbjsValue).finish(), decode: () => pbjs.decode(bytes) },
      JSON: { encode: () => JSON.stringify(json), decode: () => JSON.parse(text) },
    },
  };
}

function descriptors(): FileRegistry {
  const image = execFileSync("buf", ["build", "-o", "-"], { cwd: ROOT, maxBuffer: 1 << 26 });
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
}

async function protobufjsRoot(): Promise<protobuf.Root> {
  const root = new protobuf.Root();
  const folder = join(ROOT, "proto/clawmatrix/v1");
  const bundled = dirname(fileURLToPath(import.meta.resolve("protobufjs/package.json")));
  root.resolvePath = (_origin, target) => {
    if (target.startsWith("clawmatrix/")) return join(ROOT, "proto", target);
    return target.startsWith("google/") ? join(bundled, target) : target;
  };
  await root.load(readdirSync(folder).map((file) => join(folder, file)));
  return root;
}

import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { DescFile, DescMessage } from "@bufbuild/protobuf";
import type { FrameType, MessageType } from "../src/index.ts";
import * as protocol from "../src/index.ts";

/** A message type as we generate it, beside protobuf-es' descriptor of it: what is tested, and what it is held to. */
export interface MessagePair {
  readonly type: MessageType<object, object>;
  readonly desc: DescMessage;
}

const GENERATED = join(import.meta.dirname, "../src/gen/clawmatrix/v1");

/** Messages of options.proto: annotations, which no peer ever sends. */
const OPTION_MESSAGES: ReadonlySet<string> = new Set([
  "clawmatrix.v1.FrameOptions",
  "clawmatrix.v1.CallOptions",
]);

/** Every message of the package. Throws where one has no generated type. */
export async function messagePairs(): Promise<MessagePair[]> {
  const exported: readonly unknown[] = Object.values(protocol);
  const types = new Map(exported.filter(isMessageType).map((type) => [type.typeName, type]));
  const files = readdirSync(GENERATED).filter((file) => file.endsWith("_pb.ts"));
  const descs = (await Promise.all(files.map(descsOf)))
    .flat()
    .filter((desc) => !OPTION_MESSAGES.has(desc.typeName));
  return descs.map((desc) => {
    const type = types.get(desc.typeName);
    if (type === undefined) throw new Error(`nothing is generated for ${desc.typeName}`);
    return { type, desc };
  });
}

export function isFrameType(type: MessageType<object, object>): type is FrameType<object, object> {
  return "number" in type;
}

async function descsOf(file: string): Promise<readonly DescMessage[]> {
  const module = (await import(join(GENERATED, file))) as Record<string, unknown>;
  const desc = Object.values(module).find(isFile);
  return desc?.messages ?? [];
}

function isFile(value: unknown): value is DescFile {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "file";
}

function isMessageType(value: unknown): value is MessageType<object, object> {
  return typeof value === "object" && value !== null && "typeName" in value && "decode" in value;
}

import type { GeneratedFile, Schema } from "@bufbuild/protoplugin";
import { printDecoder } from "./decoder.ts";
import { printEncoder } from "./encoder.ts";
import { valueType } from "./fields.ts";
import { printInit } from "./init-types.ts";
import type { ProtocolFile, ProtocolMessage } from "./protocol.ts";

/** Prints a proto file's messages: of each its type, its Init type, its encoder and its decoder. */
export function printMessages(schema: Schema, file: ProtocolFile): void {
  if (file.messages.length === 0) return;
  const f = schema.generateFile(`${file.path}-messages.ts`);
  f.preamble(file.desc);
  printImports(f, file);
  for (const message of file.messages) {
    printInit(f, message.desc);
    printType(f, message);
    printEncoder(f, message.desc);
    printDecoder(f, message.desc);
  }
}

function printImports(f: GeneratedFile, file: ProtocolFile): void {
  const up = "../".repeat(file.path.split("/").length);
  const hasFrames = file.messages.some((message) => message.frame !== undefined);
  const hasPlain = file.messages.some((message) => message.frame === undefined);
  const kinds = [...(hasFrames ? ["FrameType"] : []), ...(hasPlain ? ["MessageType"] : [])];
  f.print(`import type { UnknownField } from "@bufbuild/protobuf";`);
  f.print(`import { EMPTY_BYTES } from "${up}empty-bytes.ts";`);
  f.print(`import type { FrameReader } from "${up}frame-reader.ts";`);
  f.print(`import type { FrameWriter } from "${up}frame-writer.ts";`);
  const makers = [...(hasFrames ? ["frameType"] : []), ...(hasPlain ? ["messageType"] : [])];
  f.print(`import { ${makers.join(", ")} } from "${up}message-type.ts";`);
  f.print(`import type { ${kinds.join(", ")} } from "${up}service.ts";`);
  const enums = new Set<string>();
  const elsewhere = new Map<string, Set<string>>();
  for (const field of file.messages.flatMap((message) => message.desc.fields)) {
    const value = valueType(field);
    if (value.kind === "enum") enums.add(value.name);
    if (value.kind !== "message" || value.message.file === file.desc) continue;
    const { name } = value.message;
    const names = elsewhere.get(value.message.file.name) ?? new Set();
    for (const used of [`read${name}`, `type ${name}`, `type ${name}Init`, `write${name}`]) names.add(used);
    elsewhere.set(value.message.file.name, names);
  }
  for (const [path, names] of elsewhere) {
    f.print(`import { ${[...names].join(", ")} } from "./${path.replace(/^.*\//, "")}-messages.ts";`);
  }
  if (enums.size > 0) f.print(`import type { ${[...enums].sort().join(", ")} } from "./enums.ts";`);
  const names = file.messages.map(({ desc }) => `${desc.name} as ${desc.name}Message`);
  f.print(`import type { ${names.join(", ")} } from "./${file.name}_pb.ts";`);
}

function printType(f: GeneratedFile, { desc, frame }: ProtocolMessage): void {
  const { name, typeName } = desc;
  f.print(f.jsDoc(desc));
  f.print(`export type ${name} = ${name}Message;`);
  f.print();
  f.print(f.jsDoc(desc));
  const head = frame === undefined ? "messageType" : "frameType";
  const numbers = frame === undefined ? "" : `${frame.number}, ${frame.dedupClass}, ${frame.priority}, `;
  const type = `${frame === undefined ? "MessageType" : "FrameType"}<${name}, ${name}Init>`;
  f.print(
    `export const ${name}: ${type} = /*@__PURE__*/ ${head}("${typeName}", ${numbers}write${name}, read${name});`,
  );
  f.print();
}

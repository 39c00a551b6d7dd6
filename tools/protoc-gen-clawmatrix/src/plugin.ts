import { createEcmaScriptPlugin, type Schema } from "@bufbuild/protoplugin";
import { annotationsOf } from "./annotations.ts";
import { printEnums } from "./enums.ts";
import { printFrameTable } from "./frame-table.ts";
import { printIndex } from "./index-file.ts";
import { printMessages } from "./messages.ts";
import { readProtocol } from "./protocol.ts";
import { refusals } from "./refusals.ts";
import { printRegistry } from "./registry.ts";
import { printServices } from "./services.ts";
import { printShortText } from "./short-text.ts";

/**
 * The plugin for buf and protoc. It writes, beside what protoc-gen-es writes (of which only types are used):
 * encoders and decoders, enums, services, the registry, and the table of frames and methods.
 * Refuses, with every reason at once, what the protocol's rules forbid.
 */
export const clawmatrixPlugin = createEcmaScriptPlugin({
  name: "protoc-gen-clawmatrix",
  version: "v1",
  generateTs,
});

function generateTs(schema: Schema): void {
  const annotations = annotationsOf(schema);
  if (annotations === undefined) return;
  const refused = refusals(schema.files, annotations);
  if (refused.length > 0) throw new Error(["refused:", ...refused].join("\n  "));
  for (const protocol of readProtocol(schema.files, annotations)) {
    printEnums(schema, protocol);
    for (const file of protocol.files) {
      printMessages(schema, file);
      printServices(schema, file);
    }
    printShortText(schema, protocol);
    printRegistry(schema, protocol);
    printFrameTable(schema, protocol);
    printIndex(schema, protocol);
  }
}

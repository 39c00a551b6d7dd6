import type { Schema } from "@bufbuild/protoplugin";
import type { Protocol, ProtocolMessage, ProtocolMethod } from "./protocol.ts";
import { kindOf } from "./services.ts";

/**
 * Prints what of the annotations is on the wire or in every peer's expectation, a line per frame and method. `buf breaking`
 * does not look into options; this table is compared with the accepted one instead.
 */
export function printFrameTable(schema: Schema, protocol: Protocol): void {
  const { valueName } = protocol.annotations;
  const frames = protocol.files
    .flatMap((file) => file.messages)
    .filter((message) => message.frame !== undefined);
  const methods = protocol.files.flatMap((file) => file.services).flatMap((service) => service.methods);
  if (frames.length === 0) return;
  const f = schema.generateFile(`${protocol.folder}/frames.txt`);
  for (const frame of frames.toSorted((a, b) => a.frame!.number - b.frame!.number)) f.print(frameLine(frame));
  for (const method of methods.toSorted((a, b) => a.call.number - b.call.number)) f.print(methodLine(method));

  function frameLine({ desc, frame }: ProtocolMessage): string {
    const priority = valueName("Priority", frame!.priority);
    return `frame ${frame!.number} ${desc.typeName} ${valueName("DedupClass", frame!.dedupClass)} ${priority}`;
  }

  function methodLine({ desc, call }: ProtocolMethod): string {
    const flags = [
      ...(call.renewedByProgress ? ["renewed-by-progress"] : []),
      ...(call.idempotent ? ["idempotent"] : []),
      ...(call.durable ? ["durable"] : []),
    ];
    const name = `${desc.parent.typeName}.${desc.name}`;
    const audience = valueName("Audience", call.audience);
    return [
      `method ${call.number} ${name} ${kindOf(desc)}`,
      `grant=${call.grant || "-"} timeout=${call.defaultTimeoutMs} audience=${audience}`,
      `flags=${flags.join(",") || "-"}`,
    ].join(" ");
  }
}

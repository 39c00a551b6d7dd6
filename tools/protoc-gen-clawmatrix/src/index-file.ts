import type { Schema } from "@bufbuild/protoplugin";
import type { Protocol } from "./protocol.ts";

/** Prints the file that exports a package's generated files; encoders and decoders only as part of their types. */
export function printIndex(schema: Schema, protocol: Protocol): void {
  const f = schema.generateFile(`${protocol.folder}/index.ts`);
  f.preamble(protocol.files[0]!.desc);
  if (protocol.enums.length > 0) f.print(`export * from "./enums.ts";`);
  for (const file of protocol.files) {
    const names = file.messages.flatMap(({ desc }) => [desc.name, `type ${desc.name}Init`]);
    if (names.length > 0) f.print(`export { ${names.join(", ")} } from "./${file.name}-messages.ts";`);
    if (file.services.length > 0) f.print(`export * from "./${file.name}-service.ts";`);
  }
  if (protocol.files.some((file) => file.messages.some((message) => message.frame !== undefined))) {
    f.print(`export * from "./registry.ts";`);
  }
}

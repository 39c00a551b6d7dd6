import type { Schema } from "@bufbuild/protoplugin";
import type { Protocol } from "./protocol.ts";

/**
 * Prints all enums of a package into one file that imports nothing at run time: what only needs a code or a limit
 * does not load a decoder. The types are protobuf-es' own, the constants equal to its.
 */
export function printEnums(schema: Schema, protocol: Protocol): void {
  if (protocol.enums.length === 0) return;
  const f = schema.generateFile(`${protocol.folder}/enums.ts`);
  f.preamble(protocol.enums[0]!.file);
  for (const desc of protocol.enums) {
    f.print(
      `import type { ${desc.name} as ${desc.name}Value } from "./${desc.file.name.replace(/^.*\//, "")}_pb.ts";`,
    );
  }
  for (const desc of protocol.enums) {
    f.print();
    f.print(f.jsDoc(desc));
    f.print(`export const ${desc.name} = {`);
    for (const value of desc.values) {
      f.print(f.jsDoc(value, "  "));
      f.print(`  ${value.localName}: ${value.number},`);
    }
    f.print(`} as const;`);
    f.print(f.jsDoc(desc));
    f.print(`export type ${desc.name} = ${desc.name}Value;`);
  }
}

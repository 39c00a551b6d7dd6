import type { DescMessage } from "@bufbuild/protobuf";
import type { GeneratedFile } from "@bufbuild/protoplugin";
import { initTypeOf, valueType } from "./fields.ts";

/** Prints what may be written as a message: every field optional, a message that was read included. */
export function printInit(f: GeneratedFile, message: DescMessage): void {
  f.print();
  f.print(`/** What may be written as a {@link ${message.name}}. */`);
  f.print(`export interface ${message.name}Init {`);
  f.print(`  readonly $typeName?: "${message.typeName}" | undefined;`);
  f.print(`  readonly $unknown?: readonly UnknownField[] | undefined;`);
  for (const member of message.members) {
    f.print(f.jsDoc(member, "  "));
    if (member.kind === "oneof") {
      f.print(`  readonly ${member.localName}?:`);
      for (const field of member.fields) {
        f.print(
          `    | { readonly case: "${field.localName}"; readonly value: ${initTypeOf(valueType(field))} }`,
        );
      }
      f.print(`    | { readonly case?: undefined; readonly value?: undefined }`);
      f.print(`    | undefined;`);
      continue;
    }
    const type = initTypeOf(valueType(member));
    const whole = member.fieldKind === "list" ? `readonly ${type}[]` : type;
    f.print(`  readonly ${member.localName}?: ${whole} | undefined;`);
  }
  f.print(`}`);
  f.print();
}

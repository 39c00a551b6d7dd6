import type { Schema } from "@bufbuild/protoplugin";
import type { Protocol } from "./protocol.ts";

/** Up to here one call with all characters is faster than Node's decoder, whose call alone costs as much as 30 characters. */
const LONGEST = 24;

/**
 * Prints the decoder of short texts in ASCII, which names and ids are: a case per length, each a single call that makes the
 * string from all its characters.
 */
export function printShortText(schema: Schema, protocol: Protocol): void {
  const f = schema.generateFile(`${protocol.folder}/short-text.ts`);
  f.preamble(protocol.files[0]!.desc);
  f.print(`const chars = String.fromCharCode;`);
  f.print();
  f.print(`/** The ASCII text at \`s\` of \`length\` bytes; undefined where it is too long or not ASCII. */`);
  f.print(`export function shortText(b: Uint8Array, s: number, length: number): string | undefined {`);
  f.print(`  switch (length) {`);
  f.print(`    case 0: return "";`);
  for (let length = 1; length <= LONGEST; length++) {
    const names = Array.from({ length }, (_, i) => `c${i}`);
    const reads = names.map((name, i) => `${name} = b[s + ${i}]!`);
    f.print(`    case ${length}: {`);
    f.print(`      const ${reads.join(", ")};`);
    f.print(`      return (${names.join(" | ")}) < 0x80 ? chars(${names.join(", ")}) : undefined;`);
    f.print(`    }`);
  }
  f.print(`    default: return undefined;`);
  f.print(`  }`);
  f.print(`}`);
}

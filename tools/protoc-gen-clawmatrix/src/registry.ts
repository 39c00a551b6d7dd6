import type { Schema } from "@bufbuild/protoplugin";
import type { Protocol, ProtocolFile } from "./protocol.ts";
import { kindOf } from "./services.ts";

/**
 * Prints the frame registry: every frame type by number, with the methods that send it and in which direction, and every
 * method by number. Switches rather than maps, so that loading it builds nothing.
 */
export function printRegistry(schema: Schema, protocol: Protocol): void {
  const files = protocol.files;
  const frames = files
    .flatMap((file) => file.messages)
    .filter((message) => message.frame !== undefined)
    .sort((a, b) => a.frame!.number - b.frame!.number);
  if (frames.length === 0) return;
  const services = files.flatMap((file) => file.services);
  const methods = services
    .flatMap((service) => service.methods)
    .sort((a, b) => a.call.number - b.call.number);
  const f = schema.generateFile(`${protocol.folder}/registry.ts`);
  f.preamble(files[0]!.desc);
  const up = "../".repeat(protocol.folder.split("/").length + 1);
  f.print(`import type { FrameUse, FrameType, MethodType, ServiceType } from "${up}service.ts";`);
  for (const file of files) printImports(f, file);
  f.print();
  f.print(`/** Every service of the protocol. */`);
  f.print(
    `export const services: readonly ServiceType[] = [${services.map(({ desc }) => desc.name).join(", ")}];`,
  );
  f.print();
  f.print(`/** Every frame type, in the order of their numbers. */`);
  f.print(
    `export const frameTypes: readonly FrameType[] = [${frames.map(({ desc }) => desc.name).join(", ")}];`,
  );
  f.print();
  f.print(`/** The frame type of a number; undefined for one that this version does not know. */`);
  f.print(`export function frameTypeOf(number: number): FrameType | undefined {`);
  f.print(`  switch (number) {`);
  for (const { desc, frame } of frames) f.print(`    case ${frame!.number}: return ${desc.name};`);
  f.print(`    default: return undefined;`);
  f.print(`  }`);
  f.print(`}`);
  f.print();
  f.print(`/** The method of a number; undefined for one that this version does not know. */`);
  f.print(`export function methodOf(number: number): MethodType | undefined {`);
  f.print(`  switch (number) {`);
  for (const { desc, call } of methods) {
    f.print(`    case ${call.number}: return ${desc.parent.name}.methods.${desc.localName};`);
  }
  f.print(`    default: return undefined;`);
  f.print(`  }`);
  f.print(`}`);
  f.print();
  f.print(
    `/** The methods that a frame type belongs to, and which way it goes; none for frames of links, channels and gossip. */`,
  );
  f.print(`export function usesOf(number: number): readonly FrameUse[] {`);
  f.print(`  switch (number) {`);
  for (const { desc, frame } of frames) {
    const uses = methods.flatMap((method) => [
      ...(method.desc.input === desc
        ? [
            `{ method: "${method.desc.parent.name}.${method.desc.name}", methodNumber: ${method.call.number}, kind: "${kindOf(method.desc)}", direction: "request" }`,
          ]
        : []),
      ...(method.desc.output === desc
        ? [
            `{ method: "${method.desc.parent.name}.${method.desc.name}", methodNumber: ${method.call.number}, kind: "${kindOf(method.desc)}", direction: "response" }`,
          ]
        : []),
    ]);
    if (uses.length > 0) f.print(`    case ${frame!.number}: return [${uses.join(", ")}];`);
  }
  f.print(`    default: return [];`);
  f.print(`  }`);
  f.print(`}`);
}

function printImports(f: ReturnType<Schema["generateFile"]>, file: ProtocolFile): void {
  const frames = file.messages.filter((message) => message.frame !== undefined).map(({ desc }) => desc.name);
  if (frames.length > 0) f.print(`import { ${frames.join(", ")} } from "./${file.name}-messages.ts";`);
  const services = file.services.map(({ desc }) => desc.name);
  if (services.length > 0) f.print(`import { ${services.join(", ")} } from "./${file.name}-service.ts";`);
}

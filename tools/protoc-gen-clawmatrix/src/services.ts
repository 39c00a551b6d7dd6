import type { DescMethod } from "@bufbuild/protobuf";
import type { GeneratedFile, Schema } from "@bufbuild/protoplugin";
import type { ProtocolFile, ProtocolMethod, ProtocolService } from "./protocol.ts";

/** Prints a proto file's services: of each the description, the client's interface and the server's. */
export function printServices(schema: Schema, file: ProtocolFile): void {
  if (file.services.length === 0) return;
  const f = schema.generateFile(`${file.path}-service.ts`);
  f.preamble(file.desc);
  printImports(f, file);
  for (const service of file.services) {
    printDescription(f, service);
    printInterface(f, service, "Client");
    printInterface(f, service, "Server");
  }
}

function printImports(f: GeneratedFile, file: ProtocolFile): void {
  const up = "../".repeat(file.path.split("/").length);
  f.print(`import type { CallContext, CallOptions, MethodType, ServiceType } from "${up}service.ts";`);
  const methods = file.services.flatMap((service) => service.methods);
  const byFile = Map.groupBy(
    methods.flatMap(({ desc }) => [desc.input, desc.output]),
    (message) => message.file.name.replace(/^.*\//, ""),
  );
  for (const [name, messages] of byFile) {
    const names = new Set(messages.flatMap((message) => [message.name, `type ${message.name}Init`]));
    f.print(`import { ${[...names].join(", ")} } from "./${name}-messages.ts";`);
  }
}

function printDescription(f: GeneratedFile, { desc, methods }: ProtocolService): void {
  f.print();
  f.print(f.jsDoc(desc));
  f.print(`export const ${desc.name} = {`);
  f.print(`  typeName: "${desc.typeName}",`);
  f.print(`  methods: {`);
  for (const { desc: method, call } of methods) {
    const types = [method.input, method.output].flatMap(({ name }) => [name, `${name}Init`]).join(", ");
    f.print(f.jsDoc(method, "    "));
    f.print(`    ${method.localName}: {`);
    f.print(`      name: "${desc.name}.${method.name}",`);
    f.print(`      number: ${call.number},`);
    f.print(`      kind: "${kindOf(method)}",`);
    f.print(`      request: ${method.input.name},`);
    f.print(`      response: ${method.output.name},`);
    f.print(`      grant: ${JSON.stringify(call.grant)},`);
    f.print(`      defaultTimeoutMs: ${call.defaultTimeoutMs},`);
    f.print(`      renewedByProgress: ${call.renewedByProgress},`);
    f.print(`      idempotent: ${call.idempotent},`);
    f.print(`      durable: ${call.durable},`);
    f.print(`      audience: ${call.audience},`);
    f.print(`    } satisfies MethodType<${types}>,`);
  }
  f.print(`  },`);
  f.print(`} as const satisfies ServiceType;`);
}

function printInterface(
  f: GeneratedFile,
  { desc, methods }: ProtocolService,
  side: "Client" | "Server",
): void {
  f.print();
  f.print(side === "Client" ? `/** Calls ${desc.name} on a node. */` : `/** Serves ${desc.name}. */`);
  f.print(`export interface ${desc.name}${side} {`);
  for (const method of methods) {
    f.print(f.jsDoc(method.desc, "  "));
    f.print(
      `  ${method.desc.localName}${side === "Client" ? clientSignature(method) : serverSignature(method)};`,
    );
  }
  f.print(`}`);
}

function clientSignature({ desc }: ProtocolMethod): string {
  const sent = `${desc.input.name}Init`;
  const request = streamsRequests(desc) ? `requests: AsyncIterable<${sent}>` : `request: ${sent}`;
  return `(${request}, options?: CallOptions): ${answer(desc, desc.output.name)}`;
}

function serverSignature({ desc }: ProtocolMethod): string {
  const received = desc.input.name;
  const request = streamsRequests(desc) ? `requests: AsyncIterable<${received}>` : `request: ${received}`;
  return `(${request}, context: CallContext): ${answer(desc, `${desc.output.name}Init`)}`;
}

function answer(desc: DescMethod, type: string): string {
  return streamsResponses(desc) ? `AsyncIterable<${type}>` : `Promise<${type}>`;
}

export function streamsRequests({ methodKind }: DescMethod): boolean {
  return methodKind === "client_streaming" || methodKind === "bidi_streaming";
}

export function streamsResponses({ methodKind }: DescMethod): boolean {
  return methodKind === "server_streaming" || methodKind === "bidi_streaming";
}

/** A method's kind, in the words of `MethodKind`. */
export function kindOf({ methodKind }: DescMethod): string {
  return {
    unary: "unary",
    server_streaming: "server-streaming",
    client_streaming: "client-streaming",
    bidi_streaming: "bidirectional",
  }[methodKind];
}

import type { DescEnum, DescFile, DescMessage, DescMethod, DescService } from "@bufbuild/protobuf";
import type { Annotations, CallAnnotation, FrameAnnotation } from "./annotations.ts";

/** One protobuf package: everything that is generated into one folder. */
export interface Protocol {
  readonly packageName: string;
  /** The folder of the generated files: "clawmatrix/v1". */
  readonly folder: string;
  readonly files: readonly ProtocolFile[];
  readonly enums: readonly DescEnum[];
  readonly annotations: Annotations;
}

export interface ProtocolFile {
  readonly desc: DescFile;
  /** The proto file's path without its ending: "clawmatrix/v1/agents". */
  readonly path: string;
  /** The last part of `path`: "agents". */
  readonly name: string;
  readonly messages: readonly ProtocolMessage[];
  readonly services: readonly ProtocolService[];
}

export interface ProtocolMessage {
  readonly desc: DescMessage;
  readonly frame: FrameAnnotation | undefined;
}

export interface ProtocolService {
  readonly desc: DescService;
  readonly methods: readonly ProtocolMethod[];
}

export interface ProtocolMethod {
  readonly desc: DescMethod;
  readonly call: CallAnnotation;
}

/** The packages in `files`, which the refusals have passed. */
export function readProtocol(files: readonly DescFile[], annotations: Annotations): Protocol[] {
  const packages = Map.groupBy(files, (file) => file.proto.package);
  return [...packages].map(([packageName, members]) => ({
    packageName,
    folder: members[0]!.name.replace(/\/[^/]*$/, ""),
    files: members.map((desc) => readFile(desc, annotations)),
    enums: members.flatMap((file) => file.enums),
    annotations,
  }));
}

function readFile(desc: DescFile, annotations: Annotations): ProtocolFile {
  return {
    desc,
    path: desc.name,
    name: desc.name.replace(/^.*\//, ""),
    messages: desc.messages
      .filter((message) => !annotations.optionMessages.has(message.typeName))
      .map((message) => ({ desc: message, frame: annotations.frame(message) })),
    services: desc.services.map((service) => ({
      desc: service,
      methods: service.methods.map((method) => ({ desc: method, call: annotations.call(method)! })),
    })),
  };
}

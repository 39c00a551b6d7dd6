import {
  type DescExtension,
  type DescMessage,
  type DescMethod,
  getOption,
  hasOption,
} from "@bufbuild/protobuf";
import type { Schema } from "@bufbuild/protoplugin";

/** `option (frame)`, as the proto file has it: 0 where it says nothing, but for the priority, which is then that of interactive frames. */
export interface FrameAnnotation {
  readonly number: number;
  readonly dedupClass: number;
  readonly priority: number;
}

/** `option (call)`, as the proto file has it; 0, false or empty where it says nothing, but for the audience, which is then members. */
export interface CallAnnotation {
  readonly number: number;
  readonly grant: string;
  readonly defaultTimeoutMs: number;
  readonly renewedByProgress: boolean;
  readonly idempotent: boolean;
  readonly durable: boolean;
  readonly audience: number;
}

/** Reads the options that clawmatrix/v1/options.proto declares. */
export interface Annotations {
  frame(message: DescMessage): FrameAnnotation | undefined;
  call(method: DescMethod): CallAnnotation | undefined;
  /** The name of an enum's value, without the enum's prefix: "CALL_ID". */
  valueName(enumName: "DedupClass" | "Priority" | "Audience", value: number): string;
  /** The messages that are the options themselves; nothing is generated for them. */
  readonly optionMessages: ReadonlySet<string>;
}

/** What unspecified values mean. */
const PRIORITY_INTERACTIVE = 1;
const AUDIENCE_MEMBER = 1;

const PACKAGE = "clawmatrix.v1";

/** The reader of annotations; undefined where no file declares them (then no file can use them). */
export function annotationsOf(schema: Schema): Annotations | undefined {
  const extensions = schema.allFiles.flatMap((file) => file.extensions);
  const frame = extensions.find((extension) => extension.typeName === `${PACKAGE}.frame`);
  const call = extensions.find((extension) => extension.typeName === `${PACKAGE}.call`);
  if (frame === undefined || call === undefined) return undefined;
  const enums = schema.allFiles.flatMap((file) => file.enums);
  return {
    frame(message) {
      if (!hasOption(message, frame)) return undefined;
      const { number, dedupClass, priority } = getOption(message, frame) as FrameAnnotation;
      return { number, dedupClass, priority: priority || PRIORITY_INTERACTIVE };
    },
    call(method) {
      if (!hasOption(method, call)) return undefined;
      const annotation = getOption(method, call) as CallAnnotation;
      return { ...annotation, audience: annotation.audience || AUDIENCE_MEMBER };
    },
    valueName(enumName, value) {
      const found = enums.find((desc) => desc.typeName === `${PACKAGE}.${enumName}`);
      return found?.value[value]?.localName ?? String(value);
    },
    optionMessages: new Set([frame, call].map(optionMessage)),
  };
}

function optionMessage(extension: DescExtension): string {
  return extension.message?.typeName ?? "";
}

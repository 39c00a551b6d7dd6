import type { DescField, DescFile, DescMessage, DescMethod } from "@bufbuild/protobuf";
import type { Annotations } from "./annotations.ts";
import { fieldValue, MAX_FIELD_NUMBER } from "./fields.ts";
import { streamsRequests } from "./services.ts";

/** Frame types and methods have two bytes on the wire; 0 stands for none. */
const MAX_NUMBER = 65535;

/**
 * Everything in `files` that the protocol's rules forbid, each in a line that names the file, the message or method, and
 * what to write instead. Empty: all is well.
 */
export function refusals(files: readonly DescFile[], annotations: Annotations): string[] {
  return [
    ...files.flatMap((file) => file.messages.flatMap((message) => refuseMessage(message, annotations))),
    ...files.flatMap((file) => methodsOf(file).flatMap((method) => refuseMethod(method, annotations))),
    ...refuseSharedNumbers(files, annotations),
    ...refuseSharedRequests(files),
    ...refuseRecursion(files),
  ];
}

function methodsOf(file: DescFile): DescMethod[] {
  return file.services.flatMap((service) => service.methods);
}

function at(message: DescMessage): string {
  return `${message.file.name}.proto: message ${message.typeName}`;
}

function atMethod(method: DescMethod): string {
  return `${method.parent.file.name}.proto: method ${method.parent.typeName}.${method.name}`;
}

function refuseMessage(message: DescMessage, annotations: Annotations): string[] {
  const refused = message.fields.flatMap(refuseField);
  for (const nested of [...message.nestedMessages, ...message.nestedEnums]) {
    refused.push(`${at(message)} declares ${nested.name} inside itself; declare it at the top of the file`);
  }
  const frame = annotations.frame(message);
  if (frame === undefined) return refused;
  if (frame.number === 0) {
    refused.push(
      `${at(message)} is a frame without a number; write "number: N" into its option (frame), with a number that was never used`,
    );
  } else if (frame.number > MAX_NUMBER) {
    refused.push(
      `${at(message)} has the frame number ${frame.number}; write a number from 1 to ${MAX_NUMBER}`,
    );
  }
  if (frame.dedupClass === 0) {
    refused.push(
      `${at(message)} is a frame without a dedup class; write "dedup_class: DEDUP_CLASS_…" into its option (frame): ` +
        "CALL_ID for requests, CHANNEL_SEQUENCE for every other frame of a call, ORIGIN_VERSION for gossip, NONE for what may be handled twice",
    );
  }
  return refused;
}

function refuseField(field: DescField): string[] {
  const where = `${at(field.parent)}: field ${field.name}`;
  const refused: string[] = [];
  if (fieldValue(field) === undefined) {
    refused.push(
      field.fieldKind === "map"
        ? `${where} is a map, for which no encoder is generated; write a repeated message with a key and a value`
        : `${where} has a type for which no encoder is generated; write double, int32, uint32, int64, uint64, bool, string, bytes, an enum or a message`,
    );
  }
  if (field.message !== undefined && field.message.file.proto.package !== field.parent.file.proto.package) {
    refused.push(
      `${where} is of another package's type ${field.message.typeName}; declare a message of this package`,
    );
  }
  if (field.number > MAX_FIELD_NUMBER) {
    refused.push(`${where} has the number ${field.number}; write a number from 1 to ${MAX_FIELD_NUMBER}`);
  }
  return refused;
}

function refuseMethod(method: DescMethod, annotations: Annotations): string[] {
  const refused: string[] = [];
  const call = annotations.call(method);
  if (call === undefined || call.number === 0) {
    refused.push(
      `${atMethod(method)} has no number; write "option (call) = { number: N }", with a number that was never used`,
    );
  } else if (call.number > MAX_NUMBER) {
    refused.push(`${atMethod(method)} has the number ${call.number}; write a number from 1 to ${MAX_NUMBER}`);
  }
  const request = streamsRequests(method) ? "CHANNEL_SEQUENCE" : "CALL_ID";
  refused.push(...refuseFrameOfMethod(method, method.input, "request", request, annotations));
  refused.push(...refuseFrameOfMethod(method, method.output, "response", "CHANNEL_SEQUENCE", annotations));
  return refused;
}

function refuseFrameOfMethod(
  method: DescMethod,
  message: DescMessage,
  role: "request" | "response",
  expected: string,
  annotations: Annotations,
): string[] {
  const frame = annotations.frame(message);
  if (frame === undefined) {
    return [
      `${at(message)} is the ${role} of ${method.parent.name}.${method.name} and no frame; write ` +
        `"option (frame) = { number: N dedup_class: DEDUP_CLASS_${expected} priority: PRIORITY_INTERACTIVE };" into it`,
    ];
  }
  const actual = annotations.valueName("DedupClass", frame.dedupClass);
  if (frame.dedupClass === 0 || actual === expected) return [];
  const why =
    expected === "CALL_ID"
      ? "a request that opens a call is recognised by its call id"
      : "a message on a stream is recognised by its channel and sequence number";
  return [
    `${at(message)} is the ${role} of ${method.parent.name}.${method.name} and has DEDUP_CLASS_${actual}; ` +
      `write "dedup_class: DEDUP_CLASS_${expected}": ${why}`,
  ];
}

function refuseSharedNumbers(files: readonly DescFile[], annotations: Annotations): string[] {
  const frames = files
    .flatMap((file) => file.messages)
    .map((message) => ({
      number: annotations.frame(message)?.number ?? 0,
      where: at(message),
      what: "frame",
    }));
  const methods = files.flatMap(methodsOf).map((method) => ({
    number: annotations.call(method)?.number ?? 0,
    where: atMethod(method),
    what: "method",
  }));
  return [frames, methods].flatMap((uses) =>
    [
      ...Map.groupBy(
        uses.filter((use) => use.number !== 0),
        (use) => use.number,
      ),
    ].flatMap(([number, [first, ...others]]) =>
      others.map(
        ({ where, what }) =>
          `${where} has the ${what} number ${number}, which is taken by ${first!.where}; write another one that was never used`,
      ),
    ),
  );
}

function refuseSharedRequests(files: readonly DescFile[]): string[] {
  const byRequest = Map.groupBy(files.flatMap(methodsOf), (method) => method.input);
  return [...byRequest].flatMap(([message, [first, ...others]]) =>
    others.map(
      (method) =>
        `${atMethod(method)} has the request ${message.name}, which is that of ${first!.parent.name}.${first!.name}; write a request of its own`,
    ),
  );
}

/** A message that can hold itself would let a peer choose how deep the decoder recurses. */
function refuseRecursion(files: readonly DescFile[]): string[] {
  return files
    .flatMap((file) => file.messages.filter((message) => reaches(message, message, new Set())))
    .map(
      (message) =>
        `${at(message)} can hold itself; write it flat, so that the depth of every message is bounded`,
    );
}

function reaches(from: DescMessage, target: DescMessage, seen: Set<DescMessage>): boolean {
  return from.fields.some((field) => {
    if (field.message === undefined || seen.has(field.message)) return false;
    if (field.message === target) return true;
    seen.add(field.message);
    return reaches(field.message, target, seen);
  });
}

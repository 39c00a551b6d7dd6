import { isUtf8 } from "node:buffer";
import { fromJson, isJsonObject, type JsonBytes, type JsonObject } from "./json-bytes.ts";
import { type JsonMembers, membersWithin } from "./json-members.ts";

/** One line of an agent. The bytes are the agent's own; `values` are the same, parsed, for routing. */
export type AcpMessage =
  | { readonly kind: "request"; readonly id: JsonBytes; readonly method: string; readonly params: AcpParams }
  | { readonly kind: "notification"; readonly method: string; readonly params: AcpParams }
  | { readonly kind: "answer"; readonly id: unknown; readonly answer: AcpAnswer };

export interface AcpParams {
  /** `null` where the message has none. */
  readonly bytes: JsonBytes;
  /** Empty where the params are no object. */
  readonly values: JsonObject;
  /** Of `bytes`; empty where the params are no object. */
  readonly members: ReadonlyMap<string, JsonBytes>;
}

export type AcpAnswer =
  | { readonly kind: "result"; readonly bytes: JsonBytes; readonly values: JsonObject }
  | { readonly kind: "error"; readonly bytes: JsonBytes; readonly code: number; readonly message: string };

const NO_MEMBERS: ReadonlyMap<string, JsonBytes> = new Map();
const NO_VALUE: JsonBytes = Buffer.from("null");

/** Reads a line as JSON-RPC 2.0; undefined if it is anything else. */
export function readAcpMessage(line: Uint8Array): AcpMessage | undefined {
  const value = parse(line);
  if (!isJsonObject(value) || value.jsonrpc !== "2.0") return undefined;
  const { members, inner } = membersWithin(line, "params");
  const id = members.get("id");
  if (typeof value.method === "string") {
    const params = {
      bytes: members.get("params") ?? NO_VALUE,
      values: objectOr(value.params),
      members: inner ?? NO_MEMBERS,
    };
    if (id === undefined) return { kind: "notification", method: value.method, params };
    return { kind: "request", id, method: value.method, params };
  }
  const answer = readAnswer(value, members);
  return id === undefined || answer === undefined ? undefined : { kind: "answer", id: value.id, answer };
}

function readAnswer(value: JsonObject, members: JsonMembers): AcpAnswer | undefined {
  const error = members.get("error");
  if (error !== undefined && isJsonObject(value.error)) {
    const { code, message } = value.error;
    return {
      kind: "error",
      bytes: error,
      code: typeof code === "number" ? code : 0,
      message: typeof message === "string" ? message : "no message",
    };
  }
  const result = members.get("result");
  return result && { kind: "result", bytes: result, values: objectOr(value.result) };
}

function parse(line: Uint8Array): unknown {
  if (!isUtf8(line)) return undefined;
  try {
    return fromJson(line);
  } catch {
    return undefined; // The caller counts what is not JSON.
  }
}

function objectOr(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

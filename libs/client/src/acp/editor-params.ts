import { type AcpParams, type JsonBytes, membersOf } from "@clawmatrix/acp-wire";

/** A member of the params as it stands there. */
export function member(params: AcpParams, name: string): JsonBytes | undefined {
  return name in params.values ? membersOf(params.bytes).get(name) : undefined;
}

/** The id by which the editor names the session; empty where it names none. */
export function sessionIdOf({ values }: AcpParams): string {
  return typeof values.sessionId === "string" ? values.sessionId : "";
}

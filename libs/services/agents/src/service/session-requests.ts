import type { AcpAnswer } from "@clawmatrix/acp-wire";
import { checkJson, fromJson, type JsonBytes, toJson, writeObject } from "@clawmatrix/acp-wire";
import {
  type ForwardRequest,
  type ForwardResponseInit,
  type SetConfigOptionRequest,
  type SetModeRequest,
  StatusCode,
  StatusError,
} from "@clawmatrix/protocol";
import { statusOfAcpError } from "../acp/acp-error.ts";
import type { Session } from "../sessions/session.ts";

export interface SessionRequestOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Methods of ACP that have calls of their own, which keep what the node knows of a session right. */
const CALLS_OF_THEIR_OWN: ReadonlyMap<string, string> = new Map([
  ["initialize", "OpenSession"],
  ["session/new", "OpenSession"],
  ["session/load", "OpenSession"],
  ["session/resume", "OpenSession"],
  ["session/prompt", "Prompt"],
  ["session/cancel", "Cancel"],
  ["session/close", "CloseSession"],
  ["session/delete", "CloseSession"],
  ["session/set_mode", "SetMode"],
  ["session/set_config_option", "SetConfigOption"],
]);

/** ACP's session/set_mode; gives its response. */
export async function setMode(
  session: Session,
  { modeId }: Pick<SetModeRequest, "modeId">,
  { timeoutMs, signal }: SessionRequestOptions,
): Promise<JsonBytes> {
  const answer = await session.call("session/set_mode", toJson({ modeId }), { timeoutMs, signal });
  const { bytes } = resultOf(session, "session/set_mode", answer);
  session.facts.modeChanged(modeId);
  session.factsChanged();
  return bytes;
}

/** ACP's session/set_config_option; gives its response. */
export async function setConfigOption(
  session: Session,
  { configId, valueJson }: Pick<SetConfigOptionRequest, "configId" | "valueJson">,
  { timeoutMs, signal }: SessionRequestOptions,
): Promise<JsonBytes> {
  const value = checkJson(valueJson, "value_json", "value");
  // ACP tells a switch from a choice by a `type` that only the switch has.
  const isSwitch = typeof fromJson(value) === "boolean";
  const params = writeObject([
    ["configId", toJson(configId)],
    ["type", isSwitch ? toJson("boolean") : undefined],
    ["value", value.length === 0 ? toJson(null) : value],
  ]);
  const answer = await session.call("session/set_config_option", params, { timeoutMs, signal });
  const result = resultOf(session, "session/set_config_option", answer);
  if (session.facts.optionsChanged(result)) session.factsChanged();
  return result.bytes;
}

/** Any other request or notification of ACP, as the client wrote it but for the id of the session. */
export async function forward(
  session: Session,
  request: ForwardRequest,
  { timeoutMs, signal }: SessionRequestOptions,
): Promise<ForwardResponseInit> {
  requireForwardable(request.method);
  const params = checkJson(request.paramsJson, "params_json", "object");
  if (request.notification) {
    session.notify(request.method, params);
    return {};
  }
  const answer = await session.call(request.method, params, { timeoutMs, signal });
  if (answer.kind === "error") return { answer: { case: "errorJson", value: answer.bytes } };
  return { answer: { case: "resultJson", value: answer.bytes } };
}

/** @throws StatusError INVALID_ARGUMENT "method-not-forwarded" naming the call to be made instead. */
export function requireForwardable(method: string): void {
  const own = CALLS_OF_THEIR_OWN.get(method);
  if (own === undefined && method !== "" && !method.startsWith("$/")) return;
  throw new StatusError(StatusCode.INVALID_ARGUMENT, `${JSON.stringify(method)} cannot be forwarded`, {
    reason: "method-not-forwarded",
    hint: own === undefined ? "name a method of ACP" : `call AgentService.${own}`,
  });
}

function resultOf(session: Session, method: string, answer: AcpAnswer): AcpAnswer & { kind: "result" } {
  if (answer.kind === "error") throw statusOfAcpError(session.agentId, method, answer);
  return answer;
}

import { checkJson } from "@clawmatrix/acp-wire";
import { type ForwardRequest, type ForwardResponseInit, StatusCode, StatusError } from "@clawmatrix/protocol";
import type { Session } from "../sessions/session.ts";
import type { SessionRequestOptions } from "../sessions/session-settings.ts";

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

/** Any other request or notification of ACP, as the client wrote it but for the id of the session. */
export async function forward(
  session: Session,
  request: ForwardRequest,
  options: SessionRequestOptions,
): Promise<ForwardResponseInit> {
  requireForwardable(request.method);
  const params = checkJson(request.paramsJson, "params_json", "object");
  if (request.notification) {
    session.process.notify(request.method, params);
    return {};
  }
  const answer = await session.process.call(request.method, params, {
    ...options,
    mayStayUnanswered: true,
  });
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

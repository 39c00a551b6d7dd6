import { type SessionEvent, SessionOpening, type StatusCode, statusName } from "@clawmatrix/protocol";

/**
 * An event of a session as `run --json`, `session prompt --json` and `session attach --json` print it; undefined for
 * what these streams do not show. What ACP carried is printed whole.
 */
export function sessionEventJson(event: SessionEvent): object | undefined {
  const { seq, body } = event;
  switch (body.case) {
    case "updateJson":
      // The agent's other members never take the place of ours.
      return { ...extraOf(event), type: "update", seq, update: parse(body.value) };
    case "permissionAsked":
      return { type: "permission", seq, id: body.value.id, request: parse(body.value.requestJson) };
    case "questionAsked":
      return { type: "question", seq, id: body.value.id, request: parse(body.value.requestJson) };
    case "answered":
      return {
        type: "answered",
        seq,
        id: body.value.id,
        by: body.value.by?.name ?? null,
        how: body.value.how,
        outcome: parse(body.value.outcomeJson),
      };
    case "notification":
      return { type: "notification", seq, method: body.value.method, params: parse(body.value.paramsJson) };
    case "turnStarted":
      return { type: "turn", seq, prompt: parse(body.value.promptJson), by: body.value.by?.name ?? null };
    case "turnEnded": {
      const response = parse(body.value.responseJson) as { usage?: unknown } | null;
      return {
        type: "end",
        seq,
        stopReason: body.value.stopReason,
        ...(response?.usage === undefined ? {} : { usage: response.usage }),
      };
    }
    case "turnFailed":
      return {
        type: "error",
        seq,
        code: statusName(body.value.code as StatusCode),
        message: body.value.message,
        ...(body.value.reason === "" ? {} : { reason: body.value.reason }),
        ...(body.value.stderrTail === "" ? {} : { stderr: body.value.stderrTail }),
      };
    case "reopened":
      return { type: "reopened", seq, how: body.value === SessionOpening.LOADED ? "loaded" : "resumed" };
    case "ended":
      return { type: "closed", seq, reason: body.value.reason, message: body.value.message };
    default:
      return undefined;
  }
}

/** What ACP's notification had beside its update (`_meta`, …). */
function extraOf({ extraJson }: SessionEvent): object {
  const extra = parse(extraJson);
  return typeof extra === "object" && extra !== null ? extra : {};
}

const decoder = new TextDecoder();

/** The JSON value of a `_json` field; null where it is empty. */
function parse(bytes: Uint8Array): unknown {
  return bytes.length === 0 ? null : JSON.parse(decoder.decode(bytes));
}

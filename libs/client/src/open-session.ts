import {
  type AgentServiceClient,
  type CallOptions,
  type OpenSessionRequestInit,
  type SessionInfo,
  type SessionOpening,
  StatusCode,
  StatusError,
} from "@clawmatrix/protocol";

export interface OpenSessionOptions extends CallOptions {
  /** Called with what it waits for: "starting codex", … */
  readonly onProgress?: (progress: string) => void;
}

/** A session that is ready, and how it came to be. */
export interface OpenedSession {
  readonly session: SessionInfo;
  readonly opening: SessionOpening;
  /** ACP's response, whole. */
  readonly responseJson: Uint8Array;
}

/** Opens a session and waits until it is ready. */
export async function openSession(
  client: AgentServiceClient,
  request: OpenSessionRequestInit,
  options: OpenSessionOptions = {},
): Promise<OpenedSession> {
  for await (const { event } of client.openSession(request, options)) {
    if (event.case === "progress") options.onProgress?.(event.value);
    if (event.case !== "opened") continue;
    const { session, opening, responseJson } = event.value;
    if (session !== undefined) return { session, opening, responseJson };
  }
  throw new StatusError(StatusCode.INTERNAL, "the node ended the call without a session");
}

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

/** How often a request is made that the node, or the way to it, lost. */
const ATTEMPTS = 3;

/**
 * Opens a session and waits until it is ready. With a `callId`, a request that was lost (the node was started anew, its
 * channel ended) is made again: by its id the node knows it, so that it is executed once.
 */
export async function openSession(
  client: AgentServiceClient,
  request: OpenSessionRequestInit,
  options: OpenSessionOptions = {},
): Promise<OpenedSession> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await openOnce(client, request, options);
    } catch (thrown) {
      const { retryable, reason } = StatusError.from(thrown);
      const isLost = retryable && reason !== "unreachable" && options.signal?.aborted !== true;
      if (!isLost || options.callId === undefined || attempt === ATTEMPTS) throw thrown;
      options.onProgress?.("the request was lost; making it again");
    }
  }
}

async function openOnce(
  client: AgentServiceClient,
  request: OpenSessionRequestInit,
  options: OpenSessionOptions,
): Promise<OpenedSession> {
  for await (const { event } of client.openSession(request, options)) {
    if (event.case === "progress") options.onProgress?.(event.value);
    if (event.case !== "opened") continue;
    const { session, opening, responseJson } = event.value;
    if (session !== undefined) return { session, opening, responseJson };
  }
  throw new StatusError(StatusCode.INTERNAL, "the node ended the call without a session");
}

import type { Clock } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import { StatusCode, StatusError, type WatchResponse } from "@clawmatrix/protocol";
import { BackOff } from "./back-off.ts";
import type { NodeLink } from "./node-link.ts";
import { pause } from "./pause.ts";

export interface SessionWatchOptions {
  readonly connected: () => Promise<NodeLink>;
  readonly clock: Clock;
  readonly node: NodeId;
  readonly sessionId: string;
  /** The number of the newest event that was had: what is asked for begins after it. */
  readonly lastSeq: () => number;
  readonly onMessage: (message: WatchResponse["message"]) => void;
  /** It is being looked for again. */
  readonly onLost: (error: StatusError) => void;
  /** It cannot be followed, and no further try is made. */
  readonly onFailed: (error: StatusError) => void;
  /** Whether the session is over: then the end of the stream is no loss. */
  readonly isOver: () => boolean;
  readonly signal: AbortSignal;
}

/** Follows a session: what is kept of it, then live, over lost links and restarts, without a gap or a double. */
export async function watchSession(options: SessionWatchOptions): Promise<void> {
  const { connected, clock, node, sessionId, lastSeq, onMessage, onLost, onFailed, isOver, signal } = options;
  const backOff = new BackOff();
  while (!signal.aborted) {
    let lost: StatusError;
    try {
      const link = await connected();
      for await (const { message } of link
        .agents(node)
        .watch({ sessionId, sinceSeq: lastSeq() }, { signal })) {
        if (signal.aborted) return;
        backOff.reset();
        onMessage(message);
      }
      if (isOver()) return;
      lost = new StatusError(StatusCode.UNAVAILABLE, "the node stopped showing the session");
    } catch (error) {
      lost = StatusError.from(error);
    }
    if (signal.aborted) return;
    if (!isTemporary(lost)) return onFailed(lost);
    onLost(lost);
    await pause(clock, backOff.next(), signal);
  }
}

/** A call that broke off with its connection is tried again, like one that the node says may be. */
function isTemporary({ code, retryable }: StatusError): boolean {
  return retryable || code === StatusCode.CANCELLED || code === StatusCode.DEADLINE_EXCEEDED;
}

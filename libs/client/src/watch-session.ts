import type { Clock, Random } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import { StatusError, type WatchResponse } from "@clawmatrix/protocol";
import { BackOff } from "./back-off.ts";
import { isConnectionLoss } from "./connection-loss.ts";
import type { NodeConnection } from "./node-connection.ts";

export interface WatchSessionOptions {
  readonly connection: NodeConnection;
  /** The node on which the session lives. */
  readonly node: NodeId;
  readonly sessionId: string;
  /** Shows events after this number; 0: from the beginning. */
  readonly sinceSeq: number;
  /** Only look, even where the grants allow more. */
  readonly watchOnly: boolean;
  readonly clock: Clock;
  readonly random: Random;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** The session's node has restarted, or is away for longer: it is tried again until it is back. Called once each time. */
  readonly onLost: (why: StatusError) => void;
}

/**
 * Follows a session until it is closed, over restarts of its node too: every event once and in order.
 * @throws StatusError why it cannot be followed, or that the local node has gone.
 */
export async function* watchSession(
  options: WatchSessionOptions,
): AsyncGenerator<WatchResponse["message"], void> {
  const { connection, node, sessionId, watchOnly, signal, onLost } = options;
  const backOff = new BackOff(options);
  let sinceSeq = options.sinceSeq;
  let isLost = false;
  for (;;) {
    try {
      const watched = connection.agents(node).watch({ sessionId, sinceSeq, watchOnly }, { signal });
      for await (const { message } of watched) {
        isLost = false;
        backOff.reset();
        if (message.case === "event") sinceSeq = message.value.seq;
        yield message;
      }
      return;
    } catch (thrown) {
      const error = StatusError.from(thrown);
      // Without the local node there is nothing to try again with.
      const isOver = error.reason === "connection-closed" || !isConnectionLoss(error);
      if (signal.aborted || isOver) throw error;
      if (!isLost) onLost(error);
      isLost = true;
    }
    await backOff.wait(signal);
  }
}

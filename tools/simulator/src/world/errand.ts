/**
 * One call that a node makes to another one:
 * - `ping`: unary, may be executed again;
 * - `task`: unary, durable: executed once, also across restarts of the node that serves it;
 * - `output`: a stream of `count` numbered messages from the server;
 * - `conversation`: `count` numbered messages, each answered with the same one, over one bidirectional call.
 */
export interface Errand {
  readonly kind: "ping" | "task" | "output" | "conversation";
  /** When it is begun, in milliseconds since the world's beginning. */
  readonly atMs: number;
  readonly from: number;
  readonly to: number;
  /** Messages of a stream. Default: 1. */
  readonly count?: number;
  /** Bytes of each message. Default: 100. */
  readonly bytes?: number;
  /** Milliseconds between two messages, where whoever sends them takes its time. Default: 0. A task takes as long; 5. */
  readonly everyMs?: number;
  /** Milliseconds that the caller takes to read each message. Default: 0. */
  readonly readMs?: number;
  /** The call's deadline in milliseconds. Default: the method's own. */
  readonly timeoutMs?: number;
  /** It is given up after so many milliseconds. Default: never. */
  readonly cancelMs?: number;
  /** How often it is tried again, under the same call id, when the node could not be reached. Default: 0. */
  readonly retries?: number;
  /** It has to succeed within so many milliseconds. Default: it may fail, as long as it ends. */
  readonly promptMs?: number;
}

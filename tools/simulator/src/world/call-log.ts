import type { StatusError } from "@clawmatrix/protocol";
import type { Errand } from "./errand.ts";

/** One execution of a call by the node that serves it. */
export interface Execution {
  /** Which boot of the node. */
  readonly boot: number;
  /** Whether that boot has crashed. */
  readonly hasCrashed: () => boolean;
  /** The numbers of the messages that came from the caller. */
  readonly received: number[];
  /** Messages made for the caller. */
  produced: number;
  ended: boolean;
}

/** What is known of one call, from both sides. */
export interface CallLog {
  readonly errand: Errand;
  /** Its call id, in hex: the same in every retry. */
  readonly callId: string;
  readonly startedMs: number;
  /** Whether the boot of the node that made it has crashed. */
  readonly callerHasCrashed: () => boolean;
  /** The numbers of the messages that came back: for the attempt that was made last. */
  received: number[];
  /** Bytes that are not those that were sent. */
  damaged: number;
  attempts: number;
  /** The most that the server was ahead of the reader, in bytes. */
  mostAheadBytes: number;
  endedMs: number | undefined;
  /** Why it ended; undefined while it runs, and where it succeeded. */
  error: StatusError | undefined;
  readonly executions: Execution[];
}

/** All calls of a world, by call id. */
export class CallLogs {
  readonly #logs = new Map<string, CallLog>();

  add(log: CallLog): void {
    this.#logs.set(log.callId, log);
  }

  get(callId: Uint8Array): CallLog | undefined {
    return this.#logs.get(Buffer.from(callId).toString("hex"));
  }

  all(): CallLog[] {
    return [...this.#logs.values()];
  }
}

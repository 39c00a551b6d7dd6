import type { Clock, Logger } from "@clawmatrix/environment";
import { type NodeId, nodeIdToBytes } from "@clawmatrix/identity";
import { type Caller, type CallHeader, type MethodType, StatusCode, StatusError } from "@clawmatrix/protocol";
import { type CallOutcome, decodeOutcome, encodeOutcome } from "./call-outcome.ts";
import { type CallKey, DURABLE_RESULT_MS, type ExecutedCallStore } from "./executed-call-store.ts";

export interface DurableCallsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Undefined: nothing is remembered; durable calls are then like others. */
  readonly executedCalls?: ExecutedCallStore;
}

/** Remembers durable calls across restarts, so that each is executed once (P5). */
export class DurableCalls {
  readonly #options: DurableCallsOptions;

  constructor(options: DurableCallsOptions) {
    this.#options = options;
  }

  /** Notes that a call is begun. What came of it, if it was begun before; undefined: it is new, or not durable. */
  begin(header: CallHeader, caller: Caller, method: MethodType): CallOutcome | undefined {
    const { executedCalls, clock } = this.#options;
    if (!method.durable || executedCalls === undefined) return undefined;
    const known = executedCalls.begin(keyOf(header, caller), clock.now() + DURABLE_RESULT_MS);
    if (known === undefined) return undefined;
    if (known.state === "finished") return decodeOutcome(known.result);
    const error = new StatusError(
      StatusCode.ABORTED,
      `${method.name} was begun before this node was restarted, and nobody knows how far it came`,
      { reason: "interrupted", hint: "look at what is there before you ask for it again" },
    );
    return { response: undefined, isPartial: false, error };
  }

  /** Keeps what came of a call. A store that fails is logged: the caller has its answer. */
  finish(header: CallHeader, caller: Caller, method: MethodType, outcome: CallOutcome): void {
    const { executedCalls, clock, logger } = this.#options;
    if (!method.durable || executedCalls === undefined) return;
    try {
      executedCalls.finish(keyOf(header, caller), encodeOutcome(outcome), clock.now() + DURABLE_RESULT_MS);
    } catch (thrown) {
      logger.error("the result of a durable call could not be kept", {
        method: method.name,
        error: StatusError.from(thrown).message,
      });
    }
  }
}

function keyOf(header: CallHeader, caller: Caller): CallKey {
  return { source: nodeIdToBytes(caller.nodeId as NodeId), callId: Uint8Array.from(header.callId) };
}

import type { Clock, Logger, Random } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import type { FrameConduit, Lane, LaneReceiver } from "@clawmatrix/mesh";
import {
  Audience,
  type Caller,
  CallHeader,
  type MethodType,
  StatusCode,
  StatusError,
  StreamOpen,
} from "@clawmatrix/protocol";
import { CALL_ID_BYTES } from "./call-ids.ts";
import type { CallOutcome } from "./call-outcome.ts";
import { DurableCalls } from "./durable-calls.ts";
import type { ExecutedCallStore } from "./executed-call-store.ts";
import { RawCall } from "./raw-call.ts";
import { ReaderBudget } from "./reader-budget.ts";
import { SeenCall, SeenCalls } from "./seen-calls.ts";
import { ServedCall } from "./served-call.ts";
import type { ServedMethod, ServiceRegistry } from "./service-registry.ts";
import { streamsRequests } from "./service-types.ts";

export interface CallServerOptions {
  /** This node. */
  readonly self: NodeId;
  readonly registry: ServiceRegistry;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly isMember: (node: NodeId) => boolean;
  readonly isOperator: (node: NodeId) => boolean;
  /**
   * Whether the caller may call the method, beyond its audience: the grants. Undefined: yes. What depends on the
   * request (which agent, which tool) its service checks.
   */
  readonly authorize: (caller: Caller, method: MethodType) => StatusError | undefined;
  /** Where durable calls are remembered. Default: nowhere; they are then like others. */
  readonly executedCalls?: ExecutedCallStore;
  /** Told of each call of a known method when it has ended or was refused: for the audit log. */
  readonly onSettled?: (call: SettledCall) => void;
  /** Calls that one node may have open here, all its clients together. Default: 1,024. */
  readonly callsPerCaller?: number;
}

/** What became of a call, without anything that it carried. */
export interface SettledCall {
  readonly caller: Caller;
  readonly method: MethodType;
  /** Undefined: OK. */
  readonly error: StatusError | undefined;
}

/** Whose calls come in over a conduit. */
export interface ConduitCaller {
  readonly nodeId: NodeId;
  /** Over this node's own socket. */
  readonly local: boolean;
}

const CALLS_PER_CALLER = 1024;
const MAX_CLIENT_ID_BYTES = 64;

/** Serves the calls that come in over conduits: checks who calls what, executes each request once, answers. */
export class CallServer {
  readonly #options: CallServerOptions;
  readonly #seen: SeenCalls;
  readonly #durable: DurableCalls;
  readonly #openCalls = new Map<string, Set<ServedCall>>();

  constructor(options: CallServerOptions) {
    this.#options = options;
    this.#seen = new SeenCalls(options);
    this.#durable = new DurableCalls(options);
  }

  /** Calls being served, those included whose caller is gone and whose work goes on. */
  get openCalls(): number {
    let sum = 0;
    for (const calls of this.#openCalls.values()) sum += calls.size;
    return sum;
  }

  /** Serves another node's calls, over a channel. */
  attachPeer(conduit: FrameConduit, nodeId: NodeId): void {
    this.#attach(conduit, { nodeId, local: false });
  }

  /** Serves a local client's calls. A node that also passes calls on uses `CallRouter`. */
  attachClient(conduit: FrameConduit): void {
    this.#attach(conduit, { nodeId: this.#options.self, local: true });
  }

  /** Ends all calls of a node that is not a member any more, and what it left to be done. */
  endCallsOf(node: NodeId, error: StatusError): void {
    for (const call of [...(this.#openCalls.get(node) ?? [])]) call.end(error);
  }

  /** Ends what is done for callers that are gone. To be called when channels have ended, and so have other calls. */
  stop(): void {
    const error = new StatusError(StatusCode.UNAVAILABLE, "this node is going down", {
      reason: "node-stops",
    });
    for (const calls of [...this.#openCalls.values()]) {
      for (const call of [...calls]) if (call.isAbandoned) call.end(error);
    }
  }

  /** Takes one call. What is wrong with it is answered on its lane. */
  take(
    lane: Lane,
    type: number,
    flags: number,
    header: Uint8Array,
    payload: Uint8Array,
    from: ConduitCaller,
    budget: ReaderBudget,
  ): LaneReceiver | undefined {
    try {
      const decoded = CallHeader.decode(header);
      const caller = this.#callerOf(decoded, from);
      const served = this.#options.registry.find(decoded.method);
      try {
        this.#check(decoded, type, caller, served.method);
      } catch (thrown) {
        this.#options.onSettled?.({ caller, method: served.method, error: StatusError.from(thrown) });
        throw thrown;
      }
      return this.#execute(lane, decoded, caller, served, type, flags, payload, budget);
    } catch (thrown) {
      refuse(lane, payload, StatusError.from(thrown));
      return undefined;
    }
  }

  #attach(conduit: FrameConduit, from: ConduitCaller): void {
    const budget = new ReaderBudget();
    conduit.accept((lane, type, flags, header, payload) =>
      this.take(lane, type, flags, header, payload, from, budget),
    );
  }

  #callerOf(header: CallHeader, { nodeId, local }: ConduitCaller): Caller {
    if (Buffer.byteLength(header.clientId) > MAX_CLIENT_ID_BYTES) {
      throw malformed(`a client id has ${MAX_CLIENT_ID_BYTES} bytes at most`);
    }
    return { nodeId, clientId: header.clientId, local, member: this.#options.isMember(nodeId) };
  }

  #check(header: CallHeader, type: number, caller: Caller, method: MethodType): void {
    if (header.callId.length !== CALL_ID_BYTES) throw malformed(`a call id has ${CALL_ID_BYTES} bytes`);
    if (!caller.local && header.target.length > 0) throw malformed("a call over a channel has no target");
    const opens = streamsRequests(method) ? StreamOpen.number : method.request.number;
    if (type !== opens) throw malformed(`${method.name} is not opened by a frame of type ${type}`);
    const refusal = this.#audience(caller, method) ?? this.#options.authorize(caller, method);
    if (refusal !== undefined) throw refusal;
    const limit = this.#options.callsPerCaller ?? CALLS_PER_CALLER;
    if ((this.#openCalls.get(caller.nodeId)?.size ?? 0) >= limit) {
      throw new StatusError(
        StatusCode.RESOURCE_EXHAUSTED,
        `this node serves ${limit} calls of yours already`,
        {
          reason: "too-many-calls",
          hint: "wait for some of them to end",
          retryable: true,
        },
      );
    }
  }

  #audience(caller: Caller, method: MethodType): StatusError | undefined {
    const { audience, name } = method;
    if (audience === Audience.STRANGER || (caller.local && audience !== Audience.OPERATOR)) return undefined;
    if (!caller.member && !caller.local) {
      return denied("this node does not take the caller for a member of the mesh", "not-a-member", {
        hint: "ask an operator of the mesh for admission",
      });
    }
    if (audience === Audience.LOCAL) {
      return denied(`${name} can only be called on the node's own socket`, "local-only");
    }
    if (audience === Audience.OPERATOR && !this.#options.isOperator(caller.nodeId as NodeId)) {
      return denied(`only an operator of the mesh may call ${name}`, "not-an-operator");
    }
    return undefined;
  }

  #execute(
    lane: Lane,
    header: CallHeader,
    caller: Caller,
    served: ServedMethod,
    type: number,
    flags: number,
    payload: Uint8Array,
    budget: ReaderBudget,
  ): LaneReceiver | undefined {
    const seen = new SeenCall();
    const earlier = this.#seen.begin(caller.nodeId, header.callId, seen);
    if (earlier !== undefined && !mayRunAgain(served.method, earlier)) {
      return this.#again(lane, payload, served.method, earlier);
    }
    const stored = this.#durable.begin(header, caller, served.method);
    if (stored !== undefined) {
      seen.end(stored);
      return this.#again(lane, payload, served.method, seen);
    }
    const { clock, logger } = this.#options;
    const call: ServedCall = new ServedCall(
      {
        lane,
        header,
        caller,
        served,
        budget,
        clock,
        logger,
        onOver: () => this.#closed(caller.nodeId, call),
        onExecuted: (outcome) => {
          // Of a durable stream what counts is its last message: it says what came of the request.
          const kept = served.method.durable ? { ...outcome, isPartial: false } : outcome;
          this.#durable.finish(header, caller, served.method, kept);
          // What may be executed again need not be remembered with its answer.
          seen.end(kept, !served.method.idempotent);
          this.#options.onSettled?.({ caller, method: served.method, error: outcome.error });
        },
      },
      payload,
    );
    const calls = this.#openCalls.get(caller.nodeId);
    if (calls === undefined) this.#openCalls.set(caller.nodeId, new Set([call]));
    else calls.add(call);
    call.start(type, flags, payload);
    return call.call.isOver ? undefined : call.call;
  }

  #closed(nodeId: string, call: ServedCall): void {
    const calls = this.#openCalls.get(nodeId);
    calls?.delete(call);
    if (calls?.size === 0) this.#openCalls.delete(nodeId);
  }

  /** A request that was here before: answers as the first time, once that has ended. */
  #again(lane: Lane, payload: Uint8Array, method: MethodType, earlier: SeenCall): LaneReceiver | undefined {
    let leave: (() => void) | undefined;
    const call = RawCall.take(lane, payload.length, {
      frame: () => undefined,
      credit: () => undefined,
      ended: () => leave?.(),
    });
    const answer = (outcome: CallOutcome): void => {
      if (outcome.isPartial) {
        call.end(alreadyExecuted(method.name));
        return;
      }
      const { response, error } = outcome;
      if (response !== undefined) call.send(method.response.number, method.response.dedupClass, response);
      call.end(error);
    };
    if (earlier.outcome !== undefined) answer(earlier.outcome);
    else {
      leave = streamsRequests(method) ? undefined : earlier.join(answer);
      if (leave === undefined) call.end(alreadyExecuted(method.name));
    }
    return call.isOver ? undefined : call;
  }
}

/** What does no harm twice, and has no answer to give, is executed again. */
function mayRunAgain(method: MethodType, { outcome }: SeenCall): boolean {
  return method.idempotent && outcome !== undefined && (outcome.isPartial || outcome.error !== undefined);
}

/** Answers a call with an error, without serving it. */
export function refuse(lane: Lane, payload: Uint8Array, error: StatusError): void {
  const call = RawCall.take(lane, payload.length, {
    frame: () => undefined,
    credit: () => undefined,
    ended: () => undefined,
  });
  call.end(error);
}

function malformed(message: string): StatusError {
  return new StatusError(StatusCode.INVALID_ARGUMENT, `the call was refused: ${message}`, {
    reason: "bad-call",
  });
}

function denied(message: string, reason: string, options: { readonly hint?: string } = {}): StatusError {
  return new StatusError(StatusCode.PERMISSION_DENIED, message, { reason, ...options });
}

function alreadyExecuted(method: string): StatusError {
  return new StatusError(StatusCode.ABORTED, `this call of ${method} was executed already`, {
    reason: "already-executed",
    hint: "its answer was not kept: look at what came of it, or make a new call",
  });
}

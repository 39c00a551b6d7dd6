import type { Clock, Logger } from "@clawmatrix/environment";
import { FrameFlag, type Lane } from "@clawmatrix/mesh";
import {
  type CallContext,
  type Caller,
  type CallHeader,
  CallLimit,
  type MethodType,
  StatusCode,
  StatusError,
} from "@clawmatrix/protocol";
import { CallDeadline, cancelled, deadlineExceeded } from "./call-deadline.ts";
import type { CallOutcome } from "./call-outcome.ts";
import { statusForCaller } from "./call-status.ts";
import { priorityOf } from "./client-call.ts";
import { MessageReader } from "./message-reader.ts";
import { encodeMessage, MessageWriter } from "./message-writer.ts";
import { RawCall, type RawCallReceiver } from "./raw-call.ts";
import type { ReaderBudget } from "./reader-budget.ts";
import type { ServedMethod } from "./service-registry.ts";
import { streamsRequests, streamsResponses } from "./service-types.ts";

export interface ServedCallOptions {
  readonly lane: Lane;
  readonly header: CallHeader;
  readonly caller: Caller;
  readonly served: ServedMethod;
  readonly budget: ReaderBudget;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called once, when nothing is done for the caller any more: it was answered, or is gone and took its work with it. */
  readonly onOver: () => void;
  /** Called once, when the service has finished with it, which may be later. */
  readonly onExecuted: (outcome: CallOutcome) => void;
}

/** The server's side of one call: runs the method's implementation, and ends when it does, or earlier. */
export class ServedCall implements RawCallReceiver {
  readonly #options: ServedCallOptions;
  readonly #method: MethodType;
  readonly call: RawCall;
  readonly #requests: MessageReader;
  readonly #writer: MessageWriter;
  readonly #deadline: CallDeadline;
  readonly #abort = new AbortController();
  #last: Uint8Array | undefined;
  #responses = 0;
  #over = false;
  #isAbandoned = false;
  #responding: AsyncIterator<never> | undefined;

  constructor(options: ServedCallOptions, firstPayload: Uint8Array) {
    this.#options = options;
    const { lane, header, served, budget, clock } = options;
    this.#method = served.method;
    lane.priority = priorityOf(this.#method);
    this.call = RawCall.take(lane, firstPayload.length, this);
    this.#requests = new MessageReader({
      type: this.#method.request,
      grant: (bytes) => this.call.grant(bytes),
      budget,
    });
    this.#writer = new MessageWriter(this.#method.response);
    this.#writer.start(this.call);
    this.#deadline = new CallDeadline(clock, header.timeoutMs, () =>
      this.end(deadlineExceeded(this.#method.name, header.timeoutMs)),
    );
  }

  /** Whether its caller is gone, and its work is done all the same. */
  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  /** Runs it. `flags` and `payload` are those of the frame that opened it. */
  start(type: number, flags: number, payload: Uint8Array): void {
    const { caller, header, served } = this.#options;
    const context: CallContext = {
      caller,
      method: this.#method,
      callId: Uint8Array.from(header.callId),
      signal: this.#abort.signal,
    };
    try {
      if (!streamsRequests(this.#method)) this.#requests.frame(type, flags, payload);
      else if ((flags & FrameFlag.END) !== 0) this.#requests.end();
    } catch (thrown) {
      this.end(StatusError.from(thrown));
    }
    void this.#run(served, context).catch((thrown: unknown) => {
      this.#executed(statusForCaller(thrown, this.#method.name), thrown);
    });
  }

  frame(type: number, flags: number, payload: Uint8Array): void {
    this.#requests.frame(type, flags, payload);
  }

  credit(): void {
    this.#writer.wake();
  }

  /** The caller has given up, or is gone. */
  ended(error: StatusError | undefined): void {
    // Work that was promised to outlive a restart goes on without its caller, unless that has said otherwise.
    const isGone = error?.code !== StatusCode.CANCELLED && error?.code !== StatusCode.DEADLINE_EXCEEDED;
    this.#stop(error ?? cancelled(this.#method.name), this.#method.durable && isGone);
  }

  /** Ends it from this side, whatever the implementation does, also where its caller is gone already. */
  end(error: StatusError): void {
    if (this.#isAbandoned) {
      this.#abort.abort(error);
      this.#release();
      return;
    }
    if (this.#over) return;
    this.call.end(error);
    this.#stop(error);
  }

  async #run({ implementation }: ServedMethod, context: CallContext): Promise<void> {
    const request = streamsRequests(this.#method) ? this.#requests : await this.#request();
    const answer = implementation(request, context);
    if (streamsResponses(this.#method)) {
      await this.#stream(answer as AsyncIterable<never>);
      return;
    }
    const response = (await answer) as never;
    const bytes = encodeMessage(this.#method.response, response);
    this.#note(bytes);
    if (bytes.length <= CallLimit.MAX_FRAME_BYTES && this.call.credit > 0) {
      const { number, dedupClass } = this.#method.response;
      this.call.send(number, dedupClass | FrameFlag.END, bytes);
    } else await this.#writer.rest(bytes, 0, true);
    if (!this.#over) {
      this.call.endSent();
      this.#stop(undefined);
    } else if (this.#isAbandoned) this.#release();
    this.#options.onExecuted(this.#outcome(undefined));
  }

  async #stream(answer: AsyncIterable<never>): Promise<void> {
    const iterator = answer[Symbol.asyncIterator]();
    this.#responding = iterator;
    if (this.#over) this.#stopResponding();
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      const written = this.#respond(next.value);
      if (written !== undefined) await written;
    }
    this.#responding = undefined;
    this.#executed(undefined);
  }

  /** The implementation's stream learns that nobody listens any more, also while it waits for something. */
  #stopResponding(): void {
    if (this.#isAbandoned) return;
    const responding = this.#responding;
    this.#responding = undefined;
    // What its clean-up throws comes out of `next` as well, or concerns nobody.
    Promise.resolve(responding?.return?.()).catch(() => undefined);
  }

  async #request(): Promise<unknown> {
    const first = await this.#requests.next();
    if (first.done !== true) return first.value;
    throw new StatusError(StatusCode.INVALID_ARGUMENT, `${this.#method.name} was called without a request`, {
      reason: "no-request",
    });
  }

  #respond(response: never): Promise<void> | undefined {
    if (this.#method.renewedByProgress) this.#deadline.renew();
    const bytes = encodeMessage(this.#method.response, response);
    this.#note(bytes);
    return this.#writer.writeBytes(bytes);
  }

  #note(response: Uint8Array): void {
    this.#last = response;
    this.#responses++;
  }

  #executed(error: StatusError | undefined, thrown?: unknown): void {
    const wasOver = this.#over;
    if (error?.code === StatusCode.INTERNAL && thrown !== undefined && !this.#over) {
      const { logger } = this.#options;
      const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
      logger.error("a call failed in a way that its service does not expect", {
        method: this.#method.name,
        error: `${cause.name}: ${cause.message}`,
      });
    }
    if (!this.#over) {
      this.call.end(error);
      this.#stop(undefined);
    }
    if (this.#isAbandoned) this.#release();
    this.#options.onExecuted(
      this.#outcome(wasOver && error !== undefined ? interrupted(this.#method.name) : error),
    );
  }

  #outcome(error: StatusError | undefined): CallOutcome {
    return { response: this.#last, isPartial: this.#responses > 1, error };
  }

  /** `error`: why the implementation shall stop, unless `goesOn`; undefined: it has ended by itself. */
  #stop(error: StatusError | undefined, goesOn = false): void {
    if (this.#over) return;
    this.#over = true;
    this.#deadline.clear();
    this.#writer.end();
    this.#requests.end(error);
    this.#isAbandoned = goesOn;
    if (goesOn) return;
    if (error !== undefined) this.#abort.abort(error);
    this.#release();
  }

  #release(): void {
    this.#isAbandoned = false;
    this.#stopResponding();
    this.#options.onOver();
  }
}

/** What a retry is told of a call whose caller had gone before it ended, and which then failed. */
function interrupted(method: string): StatusError {
  return new StatusError(
    StatusCode.ABORTED,
    `this call of ${method} was interrupted when its caller was gone`,
    {
      reason: "interrupted",
      hint: "look at what came of it, or make a new call",
    },
  );
}

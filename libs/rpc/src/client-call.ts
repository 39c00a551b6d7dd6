import type { Clock } from "@clawmatrix/environment";
import { nodeIdToBytes } from "@clawmatrix/identity";
import { FrameFlag } from "@clawmatrix/mesh";
import {
  CallHeader,
  CallLimit,
  type CallOptions,
  type MethodType,
  Priority,
  StatusCode,
  StatusError,
  StreamOpen,
} from "@clawmatrix/protocol";
import { CallDeadline, cancelled, deadlineExceeded } from "./call-deadline.ts";
import type { CallDialer, CallPath } from "./call-dialer.ts";
import type { CallIds } from "./call-ids.ts";
import { MessageReader } from "./message-reader.ts";
import { encodeMessage, MessageWriter } from "./message-writer.ts";
import { RawCall, type RawCallReceiver } from "./raw-call.ts";
import type { ReaderBudget } from "./reader-budget.ts";
import { streamsRequests } from "./service-types.ts";

/** What all calls of a client have in common. */
export interface ClientCallEnvironment {
  readonly dialer: CallDialer;
  readonly clock: Clock;
  readonly callIds: CallIds;
  readonly clientId: string;
  readonly budget: ReaderBudget;
}

const NOTHING = new Uint8Array(0);

/** The caller's side of one call, from the request to its end. */
export class ClientCall implements RawCallReceiver {
  readonly #environment: ClientCallEnvironment;
  readonly #method: MethodType;
  readonly #options: CallOptions;
  readonly #deadline: CallDeadline;
  readonly #abort = (): void => this.giveUp(cancelled(this.#method.name));
  readonly responses: MessageReader;
  readonly #writer: MessageWriter;
  #call: RawCall | undefined;
  #requests: AsyncIterator<unknown> | undefined;
  #over = false;
  #error: StatusError | undefined;

  constructor(method: MethodType, options: CallOptions, environment: ClientCallEnvironment) {
    this.#method = method;
    this.#options = options;
    this.#environment = environment;
    this.responses = new MessageReader({
      type: method.response,
      grant: (bytes) => this.#call?.grant(bytes),
      budget: environment.budget,
      onAbandoned: () => this.giveUp(cancelled(method.name)),
    });
    this.#writer = new MessageWriter(method.request);
    const timeoutMs = options.timeoutMs ?? method.defaultTimeoutMs;
    this.#deadline = new CallDeadline(environment.clock, timeoutMs, () =>
      this.giveUp(deadlineExceeded(method.name, timeoutMs)),
    );
    if (options.signal?.aborted === true) this.#abort();
    else options.signal?.addEventListener("abort", this.#abort, { once: true });
  }

  /** Finds the way and sends the request, or opens the stream of requests. Errors end the call. */
  start(request: unknown): void {
    try {
      const path = this.#over ? undefined : this.#environment.dialer.dial();
      if (path instanceof Promise) {
        path
          .then((found) => this.#open(found, request))
          .catch((thrown) => this.giveUp(StatusError.from(thrown)));
      } else if (path !== undefined) this.#open(path, request);
    } catch (thrown) {
      this.giveUp(StatusError.from(thrown));
    }
  }

  /** The one response of a unary or client-streaming method. */
  async response(): Promise<unknown> {
    const first = await this.responses.next();
    if (first.done === true) throw this.#error ?? noResponse(this.#method.name);
    return first.value;
  }

  frame(type: number, flags: number, payload: Uint8Array): void {
    if (this.#method.renewedByProgress) this.#deadline.renew();
    this.responses.frame(type, flags, payload);
  }

  credit(): void {
    this.#writer.wake();
  }

  ended(error: StatusError | undefined): void {
    this.#finish(error);
  }

  /** Ends the call here and, if it has got there, on the server. */
  giveUp(error: StatusError): void {
    if (this.#over) return;
    this.#call?.cancel(error);
    this.#finish(error);
  }

  #open({ conduit, target }: CallPath, request: unknown): void {
    if (this.#over) return;
    const method = this.#method;
    const header = CallHeader.encode({
      callId: this.#options.callId ?? this.#environment.callIds.next(),
      method: method.number,
      timeoutMs: this.#deadline.leftMs,
      target: target === undefined ? NOTHING : nodeIdToBytes(target),
      clientId: this.#environment.clientId,
    });
    const priority = priorityOf(method);
    if (streamsRequests(method)) {
      const opening = { type: StreamOpen.number, flags: StreamOpen.dedupClass, header, payload: NOTHING };
      this.#call = RawCall.open(conduit, priority, opening, this);
      this.#writer.start(this.#call);
      void this.#send(request as AsyncIterable<unknown>);
      return;
    }
    const bytes = encodeMessage(method.request, request as never);
    const whole = bytes.length <= CallLimit.MAX_FRAME_BYTES;
    const { number: type, dedupClass } = method.request;
    const payload = whole ? bytes : bytes.subarray(0, CallLimit.MAX_FRAME_BYTES);
    const flags = dedupClass | (whole ? FrameFlag.END : FrameFlag.MORE);
    this.#call = RawCall.open(conduit, priority, { type, flags, header, payload }, this);
    this.#writer.start(this.#call);
    if (!whole) void this.#writer.rest(bytes, payload.length, true);
  }

  async #send(requests: AsyncIterable<unknown>): Promise<void> {
    try {
      const iterator = requests[Symbol.asyncIterator]();
      this.#requests = iterator;
      for (;;) {
        const next = await iterator.next();
        if (this.#over) break;
        if (next.done === true) {
          this.#requests = undefined;
          this.#writer.close();
          return;
        }
        const written = this.#writer.write(next.value as never);
        if (written !== undefined) await written;
        if (this.#over) break;
      }
      this.#stopRequests();
    } catch (thrown) {
      this.#requests = undefined;
      this.giveUp(StatusError.from(thrown));
    }
  }

  /** The caller's stream learns that nobody reads it any more. */
  #stopRequests(): void {
    const requests = this.#requests;
    this.#requests = undefined;
    // The call is over: an error of the caller's own clean-up has nobody to go to.
    Promise.resolve(requests?.return?.()).catch(() => undefined);
  }

  #finish(error: StatusError | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#error = error;
    this.#deadline.clear();
    this.#options.signal?.removeEventListener("abort", this.#abort);
    this.#writer.end();
    this.responses.end(error);
    this.#stopRequests();
  }
}

/** A call whose requests or responses are bulk is bulk in both directions. */
export function priorityOf({ request, response }: MethodType): Priority {
  const isBulk = request.priority === Priority.BULK || response.priority === Priority.BULK;
  return isBulk ? Priority.BULK : Priority.INTERACTIVE;
}

function noResponse(method: string): StatusError {
  return new StatusError(StatusCode.INTERNAL, `${method} ended with OK but without a response`, {
    reason: "no-response",
  });
}

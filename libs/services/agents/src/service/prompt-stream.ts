import { checkJson, type JsonBytes } from "@clawmatrix/acp-wire";
import {
  type CallContext,
  type PromptJoin,
  type PromptRequest,
  type PromptResponseInit,
  type PromptStart,
  StatusCode,
  StatusError,
} from "@clawmatrix/protocol";
import type { InputDesk } from "../inputs/input-desk.ts";
import type { Participant } from "../sessions/audience.ts";
import { Wakeup } from "../sessions/change-signal.ts";
import type { ClientRequestInput, Driver } from "../sessions/client-requests.ts";
import type { Session } from "../sessions/session.ts";
import type { Turn } from "../sessions/turn-queue.ts";
import { policyOf } from "./permission-policy.ts";

export interface PromptStreamOptions {
  readonly context: CallContext;
  readonly desk: InputDesk;
  /** The session, if the caller may control it. @throws StatusError */
  readonly session: (id: string) => Session;
  readonly participant: Participant;
}

/**
 * One client that drives a session: its prompts and answers in, everything that happens in the session out. A client that
 * goes away leaves its turns running; one that is done half-closes, and the stream ends with the last of its turns.
 */
export class PromptStream implements Driver {
  readonly participant: Participant;
  clientCapabilities: JsonBytes = new Uint8Array();
  servesAnyMethod = false;
  #catchingUp = false;
  readonly #options: PromptStreamOptions;
  readonly #wakeup = new Wakeup();
  /** What goes out beside the events. Bounded by what may wait: prompts of the queue, and requests of the agent. */
  readonly #beside: { readonly afterSeq: number; readonly response: PromptResponseInit }[] = [];
  readonly #turns: Turn[] = [];
  readonly #leave: (() => void)[] = [];
  #session: Session | undefined;
  #cursor = 0;
  #requestsEnded = false;
  #over = false;
  #failure: StatusError | undefined;

  constructor(options: PromptStreamOptions) {
    this.#options = options;
    this.participant = options.participant;
  }

  async *run(requests: AsyncIterable<PromptRequest>): AsyncGenerator<PromptResponseInit, void> {
    const { signal } = this.#options.context;
    const wake = (): void => this.#wakeup.wake();
    signal.addEventListener("abort", wake);
    void this.#take(requests);
    try {
      while (!signal.aborted) {
        if (this.#failure !== undefined) throw this.#failure;
        const events = this.#session?.journal.read(this.#cursor + 1).events ?? [];
        if (this.#isDue() || (events.length === 0 && this.#beside.length > 0)) {
          yield this.#beside.shift()?.response ?? {};
          continue;
        }
        for (const event of events) {
          yield { message: { case: "event", value: event } };
          this.#cursor = event.seq;
          if (signal.aborted || this.#isDue() || this.#failure !== undefined) break;
        }
        if (events.length > 0) continue;
        if (this.#catchingUp) {
          this.#catchingUp = false;
          yield { message: { case: "caughtUp", value: true } };
          continue;
        }
        if (this.#requestsEnded && this.#turns.every(({ endSeq = Infinity }) => endSeq <= this.#cursor))
          return;
        await this.#wakeup.wait();
      }
    } finally {
      this.#over = true;
      signal.removeEventListener("abort", wake);
      for (const leave of this.#leave) leave();
    }
  }

  send({ id, method, paramsJson }: ClientRequestInput): void {
    this.#say({ case: "clientRequest", value: { id, method, paramsJson } });
  }

  withdraw(id: string): void {
    const unsent = this.#beside.findIndex(
      ({ response: { message } }) => message?.case === "clientRequest" && message.value.id === id,
    );
    if (unsent >= 0) this.#beside.splice(unsent, 1);
    else this.#say({ case: "clientRequestWithdrawn", value: id });
  }

  /** Behind the events that there are: what the agent asks for may be about what it has said. */
  #say(message: PromptResponseInit["message"], afterSeq = this.#session?.journal.lastSeq ?? 0): void {
    this.#beside.push({ afterSeq, response: { message } });
    this.#wakeup.wake();
  }

  #isDue(): boolean {
    return (this.#beside[0]?.afterSeq ?? Number.POSITIVE_INFINITY) <= this.#cursor;
  }

  async #take(requests: AsyncIterable<PromptRequest>): Promise<void> {
    try {
      for await (const request of requests) {
        if (this.#over) return;
        this.#handle(request);
      }
    } catch (thrown) {
      this.#failure = StatusError.from(thrown);
    } finally {
      this.#requestsEnded = true;
      this.#wakeup.wake();
    }
  }

  #handle({ message }: PromptRequest): void {
    switch (message.case) {
      case "start":
        return this.#start(message.value);
      case "answer":
        return this.#answer(message.value);
      case "clientAnswer":
        return this.#joined().clientRequests.answer(this, message.value);
      case "cancel":
        this.#joined().cancel(message.value.requestId);
        return;
      case "join":
        return this.#takePart(message.value);
      default:
        return; // A message of a newer version.
    }
  }

  #takePart({ sessionId, sinceSeq, clientCapabilitiesJson, servesAnyMethod }: PromptJoin): void {
    if (this.#session !== undefined) throw invalid("a call joins one session, once");
    const session = this.#join(sessionId);
    this.#cursor = sinceSeq;
    this.#catchingUp = true;
    this.clientCapabilities = checkJson(clientCapabilitiesJson, "client_capabilities_json", "object");
    this.servesAnyMethod = servesAnyMethod;
    const openRequestIds = [...session.openRequestIds];
    this.#say({ case: "joined", value: { session: session.info(), openRequestIds } }, 0);
  }

  #start(start: PromptStart): void {
    const session = this.#join(start.sessionId);
    // Who has joined has said it then.
    if (start.clientCapabilitiesJson.length > 0) {
      this.clientCapabilities = checkJson(start.clientCapabilitiesJson, "client_capabilities_json", "object");
    }
    const promptJson = checkJson(start.promptJson, "prompt_json", "array");
    if (promptJson.length === 0) throw invalid("a prompt has no content");
    const turn = session.prompt(
      {
        promptJson,
        extraJson: checkJson(start.extraJson, "extra_json", "object"),
        policy: policyOf(start.permission),
        by: this.participant,
        driver: this,
        requestId: start.requestId,
      },
      start.refuseIfRunning,
    );
    this.#turns.push(turn);
    if (turn.ahead > 0) this.#say({ case: "queued", value: { ahead: turn.ahead } }, 0);
    this.#wakeup.wake();
  }

  #answer({ id, answer }: { id: string; answer: Parameters<InputDesk["answer"]>[1] }): void {
    const session = this.#joined();
    const input = this.#options.desk.find(id);
    // Somebody was faster, or it was withdrawn: the events say so, and the turn goes on.
    if (input === undefined) return;
    if (input.sessionId !== session.id) throw invalid("the answer is for another session than the prompt");
    this.#options.desk.answer(id, answer, this.participant);
  }

  #join(sessionId: string): Session {
    if (this.#session !== undefined) {
      if (this.#session.id === sessionId) return this.#session;
      throw invalid("the prompts of one call are for one session");
    }
    const session = this.#options.session(sessionId);
    this.#leave.push(session.follow(this.participant), session.clientRequests.join(this));
    this.#leave.push(session.changes.listen(() => this.#wakeup.wake()));
    this.#cursor = session.journal.lastSeq;
    this.#session = session;
    return session;
  }

  #joined(): Session {
    if (this.#session === undefined) throw invalid("the first message must be a prompt, or join");
    return this.#session;
  }
}

function invalid(message: string): StatusError {
  return new StatusError(StatusCode.INVALID_ARGUMENT, message, { reason: "bad-prompt" });
}

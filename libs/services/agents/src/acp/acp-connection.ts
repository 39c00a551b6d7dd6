import {
  type AcpAnswer,
  AcpErrorCode,
  type AcpParams,
  type JsonBytes,
  LineReader,
  readAcpMessage,
  toJson,
  writeObject,
} from "@clawmatrix/acp-wire";
import type { Timer } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import type { AcpConnectionOptions, AcpCounters, AcpRequestOptions } from "./acp-connection-options.ts";
import { AcpRefusal, statusOfAcpError } from "./acp-error.ts";

interface Pending {
  readonly method: string;
  settle(answer: AcpAnswer): void;
  fail(error: StatusError): void;
}

/** Lines without JSON-RPC, with no message between them, after which the program is taken not to be an ACP agent. */
const MAX_RUBBISH_LINES = 100;
/** Requests of one agent that may wait for this node or a person at once. */
const MAX_INCOMING_REQUESTS = 256;
/** Requests given up whose late answers are still looked at. */
const MAX_GIVEN_UP = 64;
/** An agent that has said nothing for this long, since it was asked to stop a turn, is silent. */
const SILENT_AFTER_CANCEL_MS = 10_000;
/** Bytes that may wait for an agent to read its standard input. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;
/** Characters of a line of rubbish that are shown. */
const SHOWN_CHARACTERS = 120;

/**
 * JSON-RPC over the standard input and output of an agent. What it carries stays bytes: fields, kinds of updates and
 * methods that this version does not know pass as they are.
 */
export class AcpConnection {
  readonly counters: AcpCounters = { lateAnswers: 0, rubbishLines: 0 };
  readonly #options: AcpConnectionOptions;
  readonly #pending = new Map<number, Pending>();
  /** Requests of the agent, by the JSON of their id. */
  readonly #incoming = new Map<string, AbortController>();
  readonly #givenUp = new Map<number, (answer: AcpAnswer) => void>();
  #lastId = 0;
  #lastHeardAt: number;
  #rubbishInARow = 0;
  #firstRubbish = "";
  #closed: StatusError | undefined;

  constructor(options: AcpConnectionOptions) {
    this.#options = options;
    this.#lastHeardAt = options.clock.monotonic();
    const reader = new LineReader({
      onLine: (line) => this.#take(line),
      onTooLong: (maxBytes) =>
        this.#break(`wrote a line longer than ${maxBytes} bytes`, "agent-line-too-long"),
    });
    options.input.on("data", (chunk: Buffer) => reader.push(chunk));
    options.input.on("end", () => reader.end());
    // Both streams report what the process's exit reports better.
    options.input.on("error", (error) => this.#noteStreamError(error));
    options.output.on("error", (error) => this.#noteStreamError(error));
  }

  /** The first line that was no JSON-RPC, shortened; empty if there was none. */
  get firstRubbish(): string {
    return this.#firstRubbish;
  }

  /**
   * Sends a request and waits for its result.
   * @throws StatusError: the agent's refusal, DEADLINE_EXCEEDED, CANCELLED, or why the connection ended.
   */
  async request(
    method: string,
    params: JsonBytes,
    options: AcpRequestOptions,
  ): Promise<AcpAnswer & { kind: "result" }> {
    const answer = await this.call(method, params, options);
    if (answer.kind === "error") throw statusOfAcpError(this.#options.agentId, method, answer);
    return answer;
  }

  /** The same, with an error of the agent as an answer. */
  call(method: string, params: JsonBytes, options: AcpRequestOptions): Promise<AcpAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) return reject(this.#closed);
      const { clock } = this.#options;
      const id = ++this.#lastId;
      const sentAt = clock.monotonic();
      let timer: Timer | undefined;
      const onAbort = (): void => giveUp(this.#cancelled(method, options.signal?.reason));
      const end = (): void => {
        this.#pending.delete(id);
        timer?.cancel();
        options.signal?.removeEventListener("abort", onAbort);
      };
      const giveUp = (error: StatusError): void => {
        end();
        if (options.onLateAnswer !== undefined) this.#awaitLateAnswer(id, options.onLateAnswer);
        this.notify("$/cancel_request", toJson({ requestId: id }));
        reject(error);
        if (error.code === StatusCode.DEADLINE_EXCEEDED && options.mayStayUnanswered !== true) {
          const since = options.timeoutMs > 0 ? sentAt : clock.monotonic() - SILENT_AFTER_CANCEL_MS;
          this.#options.onLate?.(this.#lastHeardAt <= since);
        }
      };
      if (options.signal?.aborted) return reject(this.#cancelled(method, options.signal.reason));
      this.#pending.set(id, {
        method,
        settle: (answer) => {
          end();
          options.onAnswer?.(answer);
          resolve(answer);
        },
        fail: (error) => {
          end();
          reject(error);
        },
      });
      options.signal?.addEventListener("abort", onAbort);
      if (options.timeoutMs > 0) {
        timer = clock.schedule(options.timeoutMs, () => giveUp(this.#late(method, options.timeoutMs)));
      }
      this.#write([
        ["id", toJson(id)],
        ["method", toJson(method)],
        ["params", params],
      ]);
    });
  }

  /** Tells the agent something; nothing happens if the connection has ended. */
  notify(method: string, params: JsonBytes): void {
    this.#write([
      ["method", toJson(method)],
      ["params", params],
    ]);
  }

  /** Ends every request, either way, with this error. */
  close(why: StatusError): void {
    if (this.#closed !== undefined) return;
    this.#closed = why;
    for (const pending of [...this.#pending.values()]) pending.fail(why);
    for (const incoming of this.#incoming.values()) incoming.abort(why);
    this.#incoming.clear();
    this.#givenUp.clear();
  }

  /** What goes wrong with one agent's line, say because the disk is full, ends that agent and not the node (P11). */
  #take(line: Buffer): void {
    try {
      this.#read(line);
    } catch (thrown) {
      this.#options.logger.error("a line of an agent could not be taken", { error: String(thrown) });
      const { message, hint } = StatusError.from(thrown);
      this.#break(`wrote something that this node could not take: ${message}`, "agent-line-failed", hint);
    }
  }

  #read(line: Buffer): void {
    if (this.#closed !== undefined) return;
    this.#lastHeardAt = this.#options.clock.monotonic();
    const message = readAcpMessage(line);
    if (message === undefined) return this.#rubbish(line);
    this.#rubbishInARow = 0;
    if (message.kind === "request") this.#serve(message.id, message.method, message.params);
    else if (message.kind === "answer") this.#answered(message.id, message.answer);
    else if (message.method === "$/cancel_request") {
      this.#incoming.get(JSON.stringify(message.params.values.requestId) ?? "")?.abort();
    } else this.#options.handler.notification(message.method, message.params);
  }

  #answered(id: unknown, answer: AcpAnswer): void {
    const pending = typeof id === "number" ? this.#pending.get(id) : undefined;
    if (pending !== undefined) return pending.settle(answer);
    this.counters.lateAnswers++;
    if (typeof id !== "number") return;
    const onLateAnswer = this.#givenUp.get(id);
    this.#givenUp.delete(id);
    onLateAnswer?.(answer);
  }

  #awaitLateAnswer(id: number, onLateAnswer: (answer: AcpAnswer) => void): void {
    this.#givenUp.set(id, onLateAnswer);
    if (this.#givenUp.size <= MAX_GIVEN_UP) return;
    const [oldest = 0] = this.#givenUp.keys();
    this.#givenUp.delete(oldest);
  }

  #serve(id: JsonBytes, method: string, params: AcpParams): void {
    const key = Buffer.from(id).toString();
    if (this.#incoming.size >= MAX_INCOMING_REQUESTS || this.#incoming.has(key)) {
      const message = "too many requests wait, or one with this id does";
      return this.#write([
        ["id", id],
        ["error", toJson({ code: AcpErrorCode.internal, message })],
      ]);
    }
    const controller = new AbortController();
    this.#incoming.set(key, controller);
    const answer = (member: "result" | "error", value: JsonBytes): void => {
      if (this.#incoming.get(key) === controller) this.#incoming.delete(key);
      this.#write([
        ["id", id],
        [member, value],
      ]);
    };
    this.#options.handler.request(method, params, controller.signal).then(
      (result) => answer("result", result),
      (thrown: unknown) => {
        if (thrown instanceof AcpRefusal) return answer("error", thrown.error);
        const message = thrown instanceof Error ? thrown.message : String(thrown);
        answer("error", toJson({ code: AcpErrorCode.internal, message }));
      },
    );
  }

  #write(members: readonly (readonly [string, JsonBytes])[]): void {
    const { output } = this.#options;
    if (this.#closed !== undefined || output.destroyed || output.writableEnded) return;
    const line = writeObject([["jsonrpc", toJson("2.0")], ...members]);
    output.write(Buffer.concat([line, Buffer.from("\n")]));
    if (output.writableLength > MAX_UNREAD_BYTES) {
      this.#break(
        `has left ${output.writableLength} bytes of its standard input unread`,
        "agent-not-reading",
      );
    }
  }

  #rubbish(line: Buffer): void {
    const shown = line
      .subarray(0, 4 * SHOWN_CHARACTERS)
      .toString()
      .slice(0, SHOWN_CHARACTERS);
    if (this.counters.rubbishLines++ === 0) {
      this.#firstRubbish = shown;
      this.#options.logger.warn("an agent wrote a line that is not JSON-RPC", {
        agent: this.#options.agentId,
      });
    }
    if (++this.#rubbishInARow < MAX_RUBBISH_LINES) return;
    this.#break(
      `wrote ${this.counters.rubbishLines} lines that are not JSON-RPC, first ${JSON.stringify(this.#firstRubbish)}`,
      "agent-not-acp",
      "is its `command` an ACP agent? Some programs need a flag for it, such as --acp",
    );
  }

  #break(what: string, reason: string, hint = "report it to the makers of the agent"): void {
    if (this.#closed !== undefined) return;
    const message = `the agent "${this.#options.agentId}" ${what}`;
    const why = new StatusError(StatusCode.UNAVAILABLE, message, { reason, hint, retryable: false });
    this.close(why);
    this.#options.onBroken(why);
  }

  #late(method: string, timeoutMs: number): StatusError {
    const rubbish = this.#firstRubbish && `; it wrote ${JSON.stringify(this.#firstRubbish)} instead`;
    const message = `the agent "${this.#options.agentId}" did not answer ${method} within ${timeoutMs} ms${rubbish}`;
    return new StatusError(StatusCode.DEADLINE_EXCEEDED, message, {
      reason: "agent-timeout",
      hint: "`clawmatrix agents check` shows where it stops; `timeout` in the configuration gives it longer",
    });
  }

  #cancelled(method: string, reason: unknown): StatusError {
    if (reason instanceof StatusError) return reason;
    return new StatusError(StatusCode.CANCELLED, `${method} was given up`, { reason: "cancelled" });
  }

  #noteStreamError(error: Error): void {
    this.#options.logger.debug("a pipe to an agent failed", {
      agent: this.#options.agentId,
      error: error.message,
    });
  }
}

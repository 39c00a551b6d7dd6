import type { Readable, Writable } from "node:stream";
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
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { JsonRpcError, jsonRpcErrorOf } from "./json-rpc-error.ts";

/** The answer to a request of the editor. */
export interface Reply {
  readonly result: JsonBytes;
  /** Called once the answer is on its way: for what must not come before it. */
  readonly afterwards?: () => void;
}

/** What the editor asks for and tells. Both are called in the order of its messages. */
export interface EditorHandler {
  /** What it throws becomes the error. `signal` is aborted when the editor takes its request back. */
  request(method: string, params: AcpParams, signal: AbortSignal): Promise<Reply>;
  notification(method: string, params: AcpParams): void;
}

export interface EditorConnectionOptions {
  /** Where the editor writes: this process's standard input. */
  readonly input: Readable;
  /** Where it reads: standard output. */
  readonly output: Writable;
  readonly handler: EditorHandler;
}

/** Requests of an editor that may be open at once: it has some per session. */
const MAX_OPEN_REQUESTS = 1_000;

/** JSON-RPC with an editor, a message on a line. What is passed on stays bytes. */
export class EditorConnection {
  /** Resolves when the editor is gone; rejects when what it writes cannot be read any more. */
  readonly ended: Promise<void>;
  readonly #options: EditorConnectionOptions;
  readonly #end = Promise.withResolvers<void>();
  /** Requests of ours that the editor has not answered. */
  readonly #asked = new Map<number, (answer: AcpAnswer) => void>();
  /** Requests of the editor, by the JSON of their id. */
  readonly #open = new Map<string, AbortController>();
  #lastId = 0;
  /** Somebody waits until the editor has read what it was sent. */
  #room: PromiseWithResolvers<void> | undefined;
  #over = false;

  constructor(options: EditorConnectionOptions) {
    this.#options = options;
    this.ended = this.#end.promise;
    const { input, output } = options;
    const reader = new LineReader({
      onLine: (line) => this.#read(line),
      onTooLong: (maxBytes) => this.#close(lineTooLong(maxBytes)),
    });
    input.on("data", (chunk: Buffer) => reader.push(chunk));
    input.on("end", () => {
      reader.end();
      this.#close();
    });
    // An editor that has gone breaks its pipes: its end is no failure of ours.
    input.on("error", () => this.#close());
    output.on("error", () => this.#close());
    output.on("drain", () => this.#giveRoom());
  }

  /**
   * Asks the editor. When `signal` is aborted the editor is told, and the promise rejects with its reason; it rejects
   * with CANCELLED when the editor goes.
   */
  request(method: string, params: JsonBytes, signal: AbortSignal): Promise<AcpAnswer> {
    return new Promise((resolve, reject) => {
      if (signal.aborted || this.#over) return reject(signal.reason ?? editorGone());
      const id = ++this.#lastId;
      const giveUp = (): void => {
        if (!this.#asked.delete(id)) return;
        void this.notify("$/cancel_request", toJson({ requestId: id }));
        reject(signal.reason);
      };
      signal.addEventListener("abort", giveUp, { once: true });
      this.#asked.set(id, (answer) => {
        this.#asked.delete(id);
        signal.removeEventListener("abort", giveUp);
        resolve(answer);
      });
      this.#write([
        ["id", toJson(id)],
        ["method", toJson(method)],
        ["params", params],
      ]);
    });
  }

  /** Tells the editor something; resolves when there is room for more. */
  async notify(method: string, params: JsonBytes): Promise<void> {
    const hasRoom = this.#write([
      ["method", toJson(method)],
      ["params", params],
    ]);
    if (hasRoom || this.#over) return;
    this.#room ??= Promise.withResolvers<void>();
    await this.#room.promise;
  }

  #read(line: Buffer): void {
    if (this.#over) return;
    const message = readAcpMessage(line);
    if (message === undefined) {
      const error = toJson({
        code: AcpErrorCode.parse,
        message: "this line is not a message of JSON-RPC 2.0",
      });
      this.#write([
        ["id", toJson(null)],
        ["error", error],
      ]);
    } else if (message.kind === "request") this.#serve(message.id, message.method, message.params);
    else if (message.kind === "answer") this.#answered(message.id, message.answer);
    else if (message.method === "$/cancel_request") {
      this.#open.get(JSON.stringify(message.params.values.requestId) ?? "")?.abort();
    } else this.#options.handler.notification(message.method, message.params);
  }

  #answered(id: unknown, answer: AcpAnswer): void {
    // One that comes after its request was withdrawn is dropped.
    if (typeof id === "number") this.#asked.get(id)?.(answer);
  }

  #serve(id: JsonBytes, method: string, params: AcpParams): void {
    const key = Buffer.from(id).toString();
    const refuse = (error: JsonBytes): void => {
      this.#write([
        ["id", id],
        ["error", error],
      ]);
    };
    if (this.#open.has(key) || this.#open.size >= MAX_OPEN_REQUESTS) {
      const message = "a request with this id is open, or too many are";
      return refuse(toJson({ code: AcpErrorCode.invalidRequest, message }));
    }
    const controller = new AbortController();
    this.#open.set(key, controller);
    this.#options.handler.request(method, params, controller.signal).then(
      ({ result, afterwards }) => {
        this.#open.delete(key);
        this.#write([
          ["id", id],
          ["result", result],
        ]);
        afterwards?.();
      },
      (thrown: unknown) => {
        this.#open.delete(key);
        const isCancelled = controller.signal.aborted && !(thrown instanceof JsonRpcError);
        refuse(isCancelled ? REQUEST_CANCELLED : jsonRpcErrorOf(thrown));
      },
    );
  }

  /** False if the editor has not read what it was sent before. */
  #write(members: readonly (readonly [string, JsonBytes])[]): boolean {
    const { output } = this.#options;
    if (this.#over || output.destroyed || output.writableEnded) return true;
    const line = writeObject([["jsonrpc", toJson("2.0")], ...members]);
    return output.write(Buffer.concat([line, Buffer.from("\n")]));
  }

  #giveRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  #close(error?: StatusError): void {
    if (this.#over) return;
    this.#over = true;
    this.#giveRoom();
    if (error === undefined) this.#end.resolve();
    else this.#end.reject(error);
  }
}

const REQUEST_CANCELLED = toJson({
  code: AcpErrorCode.requestCancelled,
  message: "the request was cancelled",
});

function editorGone(): StatusError {
  return new StatusError(StatusCode.CANCELLED, "the editor has gone", { reason: "editor-gone" });
}

function lineTooLong(maxBytes: number): StatusError {
  return new StatusError(
    StatusCode.RESOURCE_EXHAUSTED,
    `the editor wrote a line longer than ${maxBytes} bytes`,
    {
      reason: "line-too-long",
      hint: "a message of ACP is one line; send large files as links",
    },
  );
}

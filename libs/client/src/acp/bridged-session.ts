import { fromJson, type JsonBytes, toJson, writeObjectWith } from "@clawmatrix/acp-wire";
import type { Clock, Random } from "@clawmatrix/environment";
import {
  type AgentNotification,
  type ClientRequest,
  type PromptRequestInit,
  type PromptResponse,
  type SessionEvent,
  SessionState,
  StatusCode,
  StatusError,
} from "@clawmatrix/protocol";
import { BackOff } from "../back-off.ts";
import { isConnectionLoss } from "../connection-loss.ts";
import { RequestStream } from "../request-stream.ts";
import type { EditorConnection } from "./editor-connection.ts";
import { EditorPrompts } from "./editor-prompts.ts";
import { EditorQuestions } from "./editor-questions.ts";
import type { RemoteAgent } from "./remote-agent.ts";
import { promptUpdates, withSessionId } from "./session-messages.ts";

export interface BridgedSessionOptions {
  readonly remote: RemoteAgent;
  readonly editor: EditorConnection;
  /** The id by which the editor knows it. */
  readonly editorId: string;
  /** The session's id in the mesh. */
  readonly sessionId: string;
  /** ACP's ClientCapabilities of the editor. */
  readonly clientCapabilities: JsonBytes;
  /** Show events after this number; 0: from the beginning. */
  readonly sinceSeq: number;
  /** Whether it tells the editor what concerns the agent's process rather than a session: one of several does. */
  readonly speaksForProcess: () => boolean;
  readonly clock: Clock;
  readonly random: Random;
  /** Ends it; the session goes on on its node. */
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
}

type Requests = RequestStream<PromptRequestInit>;

/** Bytes of a prompt's id. */
const REQUEST_ID_BYTES = 12;

/**
 * A session of the mesh as the editor sees it: everything that happens in it in order, once, over however many
 * connections it takes; its prompts and answers the other way.
 */
export class BridgedSession {
  readonly #options: BridgedSessionOptions;
  readonly #prompts = new EditorPrompts();
  readonly #questions: EditorQuestions;
  readonly #serving = new Map<string, AbortController>();
  readonly #end = new AbortController();
  readonly #signal: AbortSignal;
  #seq: number;
  #isTouched = false;
  #running: Promise<void> | undefined;
  #shown = Promise.withResolvers<void>();
  /** The stream to the session's node while it is live: joined, and what was missed has been shown. */
  #live: Requests | undefined;

  constructor(options: BridgedSessionOptions) {
    this.#options = options;
    this.#seq = options.sinceSeq;
    this.#signal = AbortSignal.any([options.signal, this.#end.signal]);
    this.#questions = new EditorQuestions({
      editor: options.editor,
      sessionId: options.editorId,
      clientCapabilities: options.clientCapabilities,
      answer: (answer) => this.#live?.push({ message: { case: "answer", value: answer } }),
      note: options.note,
    });
    // Only who shows a session from its beginning waits for it.
    this.#shown.promise.catch(() => undefined);
  }

  get sessionId(): string {
    return this.#options.sessionId;
  }

  /** Something was said in it, here or elsewhere. */
  get isTouched(): boolean {
    return this.#isTouched;
  }

  /** Follows the session from now on. */
  start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      this.#live = undefined;
    });
  }

  /** Resolves when what has happened so far has been shown. */
  async shown(): Promise<void> {
    this.start();
    await this.#shown.promise;
  }

  /** ACP's session/prompt. Resolves with the agent's answer. */
  prompt(promptJson: JsonBytes, extraJson: JsonBytes, signal: AbortSignal): Promise<JsonBytes> {
    const { sessionId, random } = this.#options;
    const requestId = Buffer.from(random.bytes(REQUEST_ID_BYTES)).toString("base64url");
    const start = { sessionId, requestId, promptJson, extraJson };
    const answer = this.#prompts.add(requestId, start);
    this.#isTouched = true;
    signal.addEventListener("abort", () => this.#cancel([requestId]), { once: true });
    this.#live?.push({ message: { case: "start", value: start } });
    this.start();
    return answer;
  }

  /** ACP's session/cancel: stops what the editor has asked for, or, if that is nothing, what runs. */
  cancel(): void {
    const { ids } = this.#prompts;
    this.#cancel(ids.length === 0 ? [""] : ids);
  }

  /** The editor has closed it, or goes: nothing is shown or asked any more. */
  stop(why: StatusError): void {
    this.#end.abort(why);
    this.#prompts.failAll(why);
    this.#questions.clear();
  }

  #cancel(requestIds: readonly string[]): void {
    if (this.#live === undefined) return this.#prompts.cancelUnsent();
    for (const requestId of requestIds)
      this.#live.push({ message: { case: "cancel", value: { requestId } } });
  }

  async #run(): Promise<void> {
    const backOff = new BackOff(this.#options);
    while (!this.#signal.aborted) {
      const lost = await this.#follow(() => backOff.reset());
      if (this.#signal.aborted) return;
      if (!isConnectionLoss(lost)) return this.#fail(lost);
      await backOff.wait(this.#signal);
    }
  }

  /** One connection's worth of the session. Gives the reason for its end. */
  async #follow(onMessage: () => void): Promise<StatusError> {
    const { remote, sessionId, clientCapabilities: clientCapabilitiesJson, note } = this.#options;
    const requests: Requests = new RequestStream();
    const join = { sessionId, sinceSeq: this.#seq, clientCapabilitiesJson, servesAnyMethod: true };
    requests.push({ message: { case: "join", value: join } });
    let joined: { openIds: readonly string[]; asks: boolean } | undefined;
    try {
      const service = await remote.service();
      for await (const { message } of service.prompt(requests, { signal: this.#signal })) {
        onMessage();
        if (message.case === "joined") {
          const { session, openRequestIds } = message.value;
          joined = { openIds: openRequestIds, asks: session?.state === SessionState.PERMISSION };
        } else if (message.case === "caughtUp" && joined !== undefined) this.#caughtUp(requests, joined);
        else await this.#take(message, requests);
      }
      return new StatusError(StatusCode.UNAVAILABLE, "the agent's node stopped showing the session");
    } catch (thrown) {
      const lost = StatusError.from(thrown);
      const wasLive = this.#live !== undefined && !this.#signal.aborted;
      if (wasLive) note(`the session ${sessionId} was interrupted: ${lost.message}; reconnecting`);
      return lost;
    } finally {
      this.#live = undefined;
      requests.end();
      for (const serving of this.#serving.values()) serving.abort(connectionLost());
      this.#serving.clear();
    }
  }

  #caughtUp(requests: Requests, { openIds, asks }: { openIds: readonly string[]; asks: boolean }): void {
    this.#live = requests;
    for (const request of this.#prompts.catchUp(openIds)) requests.push(request);
    // What was asked by a process that is gone, nobody waits for.
    if (!asks) this.#questions.clear();
    this.#questions.ask();
    this.#shown.resolve();
  }

  async #take(message: PromptResponse["message"], requests: Requests): Promise<void> {
    switch (message.case) {
      case "event":
        if (message.value.seq <= this.#seq) return;
        this.#seq = message.value.seq;
        return await this.#show(message.value);
      case "clientRequest":
        return void this.#serve(message.value, requests);
      case "clientRequestWithdrawn":
        return this.#serving.get(message.value)?.abort(requestWithdrawn());
      default:
        return; // It waits behind other turns, or something of a newer version.
    }
  }

  async #show({ body, extraJson }: SessionEvent): Promise<void> {
    switch (body.case) {
      case "updateJson":
        return await this.#update(body.value, extraJson);
      case "turnStarted":
        this.#isTouched = true;
        if (this.#prompts.begun(body.value.requestId)) return;
        for (const update of promptUpdates(body.value.promptJson)) await this.#update(update, extraJson);
        return;
      case "turnEnded":
        this.#prompts.ended(body.value.requestId, body.value.responseJson);
        return;
      case "turnFailed":
        this.#prompts.failed(body.value);
        return;
      case "permissionAsked":
        return this.#asked(body.value.id, "permission", body.value.requestJson);
      case "questionAsked":
        return this.#asked(body.value.id, "question", body.value.requestJson);
      case "answered":
        return this.#questions.settled(body.value.id);
      case "notification":
        return await this.#notify(body.value);
      case "ended":
        return this.#questions.clear();
      default:
        return; // Who follows, how it was continued, or something of a newer version: nothing of ACP's.
    }
  }

  async #update(update: JsonBytes, extraJson: JsonBytes): Promise<void> {
    const { editor, editorId } = this.#options;
    const members = [["sessionId", toJson(editorId)] as const, ["update", update] as const];
    await editor.notify("session/update", writeObjectWith(extraJson, members));
  }

  #asked(id: string, kind: "permission" | "question", requestJson: JsonBytes): void {
    this.#questions.add(id, kind, requestJson);
    if (this.#live !== undefined) this.#questions.ask();
  }

  async #notify({ method, paramsJson }: AgentNotification): Promise<void> {
    const { editor, editorId, speaksForProcess } = this.#options;
    const params = fromJson(paramsJson);
    const namesSession = typeof params === "object" && params !== null && "sessionId" in params;
    if (namesSession) await editor.notify(method, withSessionId(paramsJson, editorId));
    else if (speaksForProcess()) await editor.notify(method, paramsJson);
  }

  /** Has the editor answer a request of the agent. */
  async #serve({ id, method, paramsJson }: ClientRequest, requests: Requests): Promise<void> {
    const { editor, editorId } = this.#options;
    const withdraw = new AbortController();
    this.#serving.set(id, withdraw);
    try {
      const { kind, bytes } = await editor.request(
        method,
        withSessionId(paramsJson, editorId),
        withdraw.signal,
      );
      const answer =
        kind === "result"
          ? ({ case: "resultJson", value: bytes } as const)
          : ({ case: "errorJson", value: bytes } as const);
      requests.push({ message: { case: "clientAnswer", value: { id, answer } } });
    } catch {
      // Withdrawn, or the editor has gone: nobody waits for the answer.
    } finally {
      this.#serving.delete(id);
    }
  }

  #fail(error: StatusError): void {
    this.#prompts.failAll(error);
    this.#questions.clear();
    this.#shown.reject(error);
  }
}

function connectionLost(): StatusError {
  return new StatusError(StatusCode.UNAVAILABLE, "the connection to the agent's node was lost");
}

function requestWithdrawn(): StatusError {
  return new StatusError(StatusCode.CANCELLED, "the agent does not wait for it any more");
}

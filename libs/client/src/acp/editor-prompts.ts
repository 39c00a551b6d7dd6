import { type JsonBytes, toJson } from "@clawmatrix/acp-wire";
import type { PromptRequestInit, PromptStartInit, TurnFailed } from "@clawmatrix/protocol";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { JsonRpcError } from "./json-rpc-error.ts";

interface OpenPrompt {
  readonly start: PromptStartInit;
  readonly answer: PromiseWithResolvers<JsonBytes>;
  /** Its turn has begun. */
  begun: boolean;
}

const CANCELLED: JsonBytes = toJson({ stopReason: "cancelled" });

/** The prompts of the editor that have not ended, over however many connections. */
export class EditorPrompts {
  readonly #open = new Map<string, OpenPrompt>();
  /** Prompts that the editor has cancelled while there was no connection. */
  readonly #cancelled = new Set<string>();

  get ids(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** Waits for the turn's end. Its start is to be sent now, or as soon as there is a connection. */
  add(requestId: string, start: PromptStartInit): Promise<JsonBytes> {
    const answer = Promise.withResolvers<JsonBytes>();
    this.#open.set(requestId, { start, answer, begun: false });
    return answer.promise;
  }

  /** False if this is no prompt of the editor's that is open. */
  begun(requestId: string): boolean {
    const prompt = this.#open.get(requestId);
    if (prompt !== undefined) prompt.begun = true;
    return prompt !== undefined;
  }

  ended(requestId: string, responseJson: JsonBytes): void {
    this.#take(requestId)?.answer.resolve(responseJson.length === 0 ? toJson({}) : responseJson);
  }

  failed({ requestId, code, reason, message, stderrTail, errorJson }: TurnFailed): void {
    const said = stderrTail === "" ? message : `${message}\n${stderrTail}`;
    const error =
      errorJson.length > 0
        ? new JsonRpcError(0, message, errorJson)
        : new StatusError(code as StatusCode, said, { reason });
    this.#take(requestId)?.answer.reject(error);
  }

  failAll(error: StatusError): void {
    for (const id of this.ids) this.#take(id)?.answer.reject(error);
  }

  /** There is no connection to cancel it over: the editor need not wait for one. */
  cancelUnsent(): void {
    for (const id of this.ids) {
      this.#cancelled.add(id);
      this.#take(id)?.answer.resolve(CANCELLED);
    }
  }

  /**
   * What is to be sent over a new connection, given which prompts the node has open. A prompt that it has begun, and
   * neither has open nor has told the end of, was lost with its process.
   */
  catchUp(openIds: readonly string[]): PromptRequestInit[] {
    const requests: PromptRequestInit[] = [];
    for (const requestId of this.#cancelled) {
      if (openIds.includes(requestId)) requests.push({ message: { case: "cancel", value: { requestId } } });
    }
    this.#cancelled.clear();
    for (const [requestId, { start, begun }] of this.#open) {
      if (openIds.includes(requestId)) continue;
      if (!begun) requests.push({ message: { case: "start", value: start } });
      else this.#take(requestId)?.answer.reject(turnLost());
    }
    return requests;
  }

  #take(requestId: string): OpenPrompt | undefined {
    const prompt = this.#open.get(requestId);
    this.#open.delete(requestId);
    return prompt;
  }
}

function turnLost(): StatusError {
  return new StatusError(StatusCode.ABORTED, "the agent's node was restarted in the middle of the turn", {
    reason: "turn-lost",
    hint: "Send the prompt again; the session goes on from what the agent has kept.",
  });
}

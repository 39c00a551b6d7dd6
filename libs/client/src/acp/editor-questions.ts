import { fromJson, isJsonObject, type JsonBytes, membersOf } from "@clawmatrix/acp-wire";
import { type PermissionAnswerInit, StatusCode, StatusError } from "@clawmatrix/protocol";
import type { EditorConnection } from "./editor-connection.ts";
import { withSessionId } from "./session-messages.ts";

export interface EditorQuestionsOptions {
  readonly editor: EditorConnection;
  /** The id by which the editor knows the session. */
  readonly sessionId: string;
  /** ACP's ClientCapabilities of the editor. */
  readonly clientCapabilities: JsonBytes;
  /** Sends an answer to the session's node. */
  readonly answer: (answer: PermissionAnswerInit) => void;
  /** Tells the person what the editor cannot show. */
  readonly note: (text: string) => void;
}

interface Question {
  readonly kind: "permission" | "question";
  readonly requestJson: JsonBytes;
  readonly withdraw: AbortController;
  isAsked: boolean;
  answer: PermissionAnswerInit | undefined;
}

/**
 * Permission requests and questions of a session that nobody has answered, as the editor is asked them. Others are asked
 * as well; the first answer holds, and one that came from elsewhere takes the editor's question back.
 */
export class EditorQuestions {
  readonly #options: EditorQuestionsOptions;
  readonly #open = new Map<string, Question>();

  constructor(options: EditorQuestionsOptions) {
    this.#options = options;
  }

  add(id: string, kind: Question["kind"], requestJson: JsonBytes): void {
    const withdraw = new AbortController();
    this.#open.set(id, { kind, requestJson, withdraw, isAsked: false, answer: undefined });
  }

  /** Asks what has not been asked, and gives the node again what it may have missed. */
  ask(): void {
    for (const [id, question] of this.#open) {
      if (question.answer !== undefined) this.#options.answer(question.answer);
      else if (!question.isAsked) void this.#ask(id, question);
    }
  }

  /** It was answered, here or elsewhere. */
  settled(id: string): void {
    const question = this.#open.get(id);
    this.#open.delete(id);
    question?.withdraw.abort(
      new StatusError(StatusCode.CANCELLED, "it was answered elsewhere", { reason: "answered-already" }),
    );
  }

  /** Nobody waits for any of them any more. */
  clear(): void {
    for (const id of [...this.#open.keys()]) this.settled(id);
  }

  async #ask(id: string, question: Question): Promise<void> {
    const { editor, sessionId, answer, note } = this.#options;
    question.isAsked = true;
    if (question.kind === "question" && !this.#showsQuestion(question.requestJson)) {
      note("the agent asks something that this editor cannot show: answer it with `clawmatrix inbox`");
      return;
    }
    const method = question.kind === "permission" ? "session/request_permission" : "elicitation/create";
    try {
      const params = withSessionId(question.requestJson, sessionId);
      const said = await editor.request(method, params, question.withdraw.signal);
      if (said.kind === "error") throw new Error(said.message);
      const outcome = question.kind === "question" ? said.bytes : membersOf(said.bytes).get("outcome");
      question.answer = { id, answer: { case: "responseJson", value: outcome ?? NO_OUTCOME } };
      answer(question.answer);
    } catch (thrown) {
      if (question.withdraw.signal.aborted || !(thrown instanceof Error)) return;
      // It still waits on every other screen.
      note(`the editor did not answer ${method}: ${thrown.message}; \`clawmatrix inbox\` shows it`);
    }
  }

  #showsQuestion(requestJson: JsonBytes): boolean {
    const declared = fromJson(this.#options.clientCapabilities);
    const request = fromJson(requestJson);
    if (!isJsonObject(declared) || !isJsonObject(declared.elicitation) || !isJsonObject(request))
      return false;
    return isJsonObject(declared.elicitation[typeof request.mode === "string" ? request.mode : "form"]);
  }
}

const NO_OUTCOME: JsonBytes = Buffer.from("{}");

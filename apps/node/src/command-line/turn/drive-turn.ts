import { startTurn, type Turn, type TurnEnd } from "@clawmatrix/client";
import type { Clock, Timer } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import {
  type AgentServiceClient,
  type SessionEvent,
  type StatusCode,
  StatusError,
} from "@clawmatrix/protocol";
import { sessionEventJson } from "../../json/session-event-json.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode, exitCodeOf } from "../exit-code.ts";
import type { Output } from "../output.ts";
import { type PermissionFlag, permissionPolicy } from "../permission-option.ts";
import { reportError } from "../report-error.ts";
import { noteReconnecting } from "./note-reconnecting.ts";
import { askPermission, denyPermission } from "./permission-asker.ts";
import { type Person, personAtTerminal } from "./person.ts";
import { askQuestion } from "./question-asker.ts";
import { TurnPrinter } from "./turn-printer.ts";

/** How long the answer of a policy may take to follow its request, in milliseconds: they are told together. */
const ANSWER_FOLLOWS_MS = 1_000;
/** Without a terminal to ask at, how long somebody else has to answer a permission request before it is denied. */
const ANSWER_FROM_ELSEWHERE_MS = 10_000;
/** Bytes of a prompt's own id: enough that no two are the same. */
const REQUEST_ID_BYTES = 12;
/** How long a cancelled turn has to end before the command leaves it. */
const CANCEL_GRACE_MS = 10_000;

export interface DriveTurnOptions {
  readonly client: AgentServiceClient;
  /** Where the session is. */
  readonly node: NodeId;
  readonly sessionId: string;
  /** The agent as people see it, AGENT@NODE. */
  readonly agent: string;
  readonly text: string;
  readonly permission: PermissionFlag;
  readonly refuseIfRunning?: boolean;
}

/** Sends one prompt, streams what happens, asks the person at the terminal, and says how it ended by an exit code. */
export async function driveTurn(context: CommandContext, options: DriveTurnOptions): Promise<ExitCode> {
  const { output, signal } = context;
  const printer = new TurnPrinter(output);
  const inputs = new PendingInputs(context, options);
  const endNotes = noteReconnecting(context, await context.connect(), options.node);
  const turn = startTurn(options.client, {
    sessionId: options.sessionId,
    prompt: [{ type: "text", text: options.text }],
    permission: permissionPolicy(options.permission),
    refuseIfRunning: options.refuseIfRunning ?? false,
    requestId: Buffer.from(context.random.bytes(REQUEST_ID_BYTES)).toString("base64url"),
    onQueued: (ahead) => output.note(`waiting behind ${ahead} turns of this session …`),
    onEvent(event) {
      if (!output.json) printer.print(event);
      else if (event.body.case !== "turnStarted") documentEvent(event, output);
      inputs.event(event, turn);
    },
  });
  let leave: Timer | undefined;
  const interrupt = (): void => {
    output.note("stopping the turn …");
    turn.cancel();
    leave = context.clock.schedule(CANCEL_GRACE_MS, () => turn.detach(), { keepAlive: true });
  };
  signal.addEventListener("abort", interrupt, { once: true });
  if (signal.aborted) interrupt();
  try {
    const end = await Promise.race([turn.done, inputs.nobodyAnswers]);
    printer.finish();
    if (end === "nobody-answers") {
      turn.detach();
      output.note("The agent waits for an answer, and nobody is here to give it; the session is kept.");
      return ExitCode.waitsForInput;
    }
    return signal.aborted ? ExitCode.interrupted : exitCodeOfEnd(end, output);
  } catch (thrown) {
    if (signal.aborted) return ExitCode.interrupted;
    throw thrown;
  } finally {
    endNotes();
    inputs.withdrawAll();
    leave?.cancel();
    signal.removeEventListener("abort", interrupt);
  }
}

function documentEvent(event: SessionEvent, output: Output): void {
  const document = sessionEventJson(event);
  if (document !== undefined) output.document(document);
}

function exitCodeOfEnd(end: TurnEnd, output: Output): ExitCode {
  if (end.kind === "ended") {
    if (end.end.stopReason === "end_turn") return ExitCode.done;
    output.note(`The turn ended without being completed: ${end.end.stopReason}.`);
    return ExitCode.failed;
  }
  const { code, message, reason, stderrTail } = end.failure;
  const error = new StatusError(code as StatusCode, message, { reason });
  // In JSON the event itself has told it, as the last object.
  reportError(error, output.json ? { ...output, json: false } : output);
  if (stderrTail !== "") output.note(`The agent's last words on standard error:\n${stderrTail.trimEnd()}`);
  return exitCodeOf(error);
}

/** The permission requests and questions of a turn that have no answer yet. */
class PendingInputs {
  /** Resolves when a question has waited in vain where nobody can be asked. */
  readonly nobodyAnswers: Promise<"nobody-answers">;
  readonly #giveUp: () => void;
  readonly #withdraw = new Map<string, AbortController>();
  readonly #person: Person | undefined;
  readonly #output: Output;
  readonly #clock: Clock;
  readonly #options: DriveTurnOptions;
  /** One question at a time: a terminal has one line to answer on. */
  #queue: Promise<void> = Promise.resolve();

  constructor({ output, clock }: CommandContext, options: DriveTurnOptions) {
    this.#output = output;
    this.#clock = clock;
    this.#options = options;
    this.#person = personAtTerminal();
    const { promise, resolve } = Promise.withResolvers<"nobody-answers">();
    this.nobodyAnswers = promise;
    this.#giveUp = () => resolve("nobody-answers");
  }

  event({ body }: SessionEvent, turn: Turn): void {
    switch (body.case) {
      case "permissionAsked":
        return this.#permissionAsked(body.value.id, body.value.requestJson, turn);
      case "questionAsked":
        return this.#asked(body.value.id, body.value.requestJson, turn, "question");
      case "answered":
        this.#withdraw.get(body.value.id)?.abort();
        this.#withdraw.delete(body.value.id);
        return;
      default:
        return;
    }
  }

  withdrawAll(): void {
    for (const controller of this.#withdraw.values()) controller.abort();
    this.#withdraw.clear();
  }

  /** What a policy answers is answered on the agent's node, at once; what is not, a rule there wants a person asked for. */
  #permissionAsked(id: string, requestJson: Uint8Array, turn: Turn): void {
    const ask = (): void => this.#asked(id, requestJson, turn, "permission");
    if (this.#options.permission === "ask" || this.#options.permission === "reads") return ask();
    const answered = new AbortController();
    this.#withdraw.set(id, answered);
    const timer = this.#clock.schedule(ANSWER_FOLLOWS_MS, ask, { keepAlive: true });
    answered.signal.addEventListener("abort", () => timer.cancel());
  }

  #asked(id: string, requestJson: Uint8Array, turn: Turn, kind: "permission" | "question"): void {
    const withdrawn = new AbortController();
    this.#withdraw.set(id, withdrawn);
    const person = this.#person;
    if (person === undefined) return this.#waitForOthers(id, requestJson, turn, kind, withdrawn.signal);
    const ask = kind === "permission" ? askPermission : askQuestion;
    this.#queue = this.#queue.then(async () => {
      const answer = await ask(person, this.#options.agent, id, requestJson, withdrawn.signal);
      if (answer !== undefined) turn.answer(answer);
    });
  }

  #waitForOthers(
    id: string,
    requestJson: Uint8Array,
    turn: Turn,
    kind: string,
    withdrawn: AbortSignal,
  ): void {
    const seconds = ANSWER_FROM_ELSEWHERE_MS / 1000;
    const then =
      kind === "permission"
        ? "then it is denied (--permission allow|deny|reads decides at once)"
        : "then the session is left";
    this.#output.note(
      `${this.#options.agent} asks (${kind} ${id}); nobody is here: ${seconds} s for an answer from elsewhere, ${then}.`,
    );
    const timer = this.#clock.schedule(
      ANSWER_FROM_ELSEWHERE_MS,
      () => (kind === "permission" ? turn.answer(denyPermission(id, requestJson)) : this.#giveUp()),
      { keepAlive: true },
    );
    withdrawn.addEventListener("abort", () => timer.cancel());
  }
}

import type { AcpAnswer } from "@clawmatrix/acp-wire";
import { AcpErrorCode, type JsonBytes, toJson } from "@clawmatrix/acp-wire";
import type { Clock, Random, Timer } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { statusOfAcpError } from "../acp/acp-error.ts";
import type { PermissionDefault } from "../agent-settings.ts";
import { LaunchError } from "../process/launch-agent.ts";
import type { Participant } from "./audience.ts";
import type { Driver } from "./client-requests.ts";
import type { EventBody } from "./session-journal.ts";
import { uniqueId } from "./unique-id.ts";

export interface TurnRequest {
  /** ACP's content blocks, an array. */
  readonly promptJson: JsonBytes;
  /** Further members of ACP's request; may be empty. */
  readonly extraJson: JsonBytes;
  /** What becomes of permission requests of this turn; undefined: what the agent's settings say. */
  readonly policy: PermissionDefault | undefined;
  readonly by: Participant;
  readonly driver?: Driver;
  /** Chosen by the client: a prompt sent again with the same one is the same prompt. Empty: none. */
  readonly requestId?: string;
}

export interface Turn {
  readonly id: string;
  readonly request: TurnRequest;
  /** Turns before this one when it was asked for. */
  readonly ahead: number;
  /** The number of the event that ended it; undefined until then. */
  readonly endSeq: number | undefined;
}

/** What a queue of turns needs of its session. */
export interface TurnHost {
  readonly agentId: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Appends an event; returns its number. */
  append(body: EventBody): number;
  /** Has the session's agent running. */
  ready(signal: AbortSignal): Promise<void>;
  /** Sends ACP's session/prompt. `onAnswer` sees the answer before anything that follows it. */
  send(
    request: TurnRequest,
    options: { signal: AbortSignal; onAnswer: (answer: AcpAnswer) => void },
  ): Promise<void>;
  /** Sends ACP's session/cancel. */
  sendCancel(): void;
  /** A turn has begun or ended. */
  turnsChanged(): void;
}

interface OpenTurn extends Turn {
  request: TurnRequest;
  endSeq: number | undefined;
  cancelled: boolean;
  /** Ends the waiting for a process, not the turn. */
  readonly stopWaiting: AbortController;
  readonly giveUp: AbortController;
  timer: Timer | undefined;
}

/** Prompts that may wait behind the running turn of one session. */
export const MAX_QUEUED_PROMPTS = 16;
/** Turns that have ended and of which one still knows, so that their prompts are not begun a second time. */
const MAX_REMEMBERED = 64;
/** How long an agent may take to end a turn that was cancelled; then it is given up. */
const CANCEL_GRACE_MS = 15_000;

/** The turns of one session, one after the other. */
export class TurnQueue {
  readonly #host: TurnHost;
  readonly #waiting: OpenTurn[] = [];
  /** The latest turns whose prompts had a request id. */
  readonly #remembered = new Map<string, OpenTurn>();
  #running: OpenTurn | undefined;
  #held = false;

  constructor(host: TurnHost) {
    this.#host = host;
  }

  get running(): Turn | undefined {
    return this.#running;
  }

  /**
   * Begins a turn, or has it wait.
   * @throws StatusError FAILED_PRECONDITION "turn-running" where it must not wait; RESOURCE_EXHAUSTED.
   */
  prompt(request: TurnRequest, refuseIfRunning: boolean): Turn {
    const known = this.#remembered.get(request.requestId ?? "");
    if (known !== undefined) return this.#sentAgain(known, request);
    const ahead = this.#waiting.length + (this.#running === undefined ? 0 : 1);
    if (ahead > 0 && refuseIfRunning) {
      throw new StatusError(StatusCode.FAILED_PRECONDITION, "a turn of this session is running", {
        reason: "turn-running",
        hint: "wait for it, cancel it, or let the prompt wait",
      });
    }
    if (this.#waiting.length >= MAX_QUEUED_PROMPTS) {
      const message = `${MAX_QUEUED_PROMPTS} prompts of this session wait already`;
      throw new StatusError(StatusCode.RESOURCE_EXHAUSTED, message, { reason: "too-many-prompts" });
    }
    const turn: OpenTurn = {
      id: uniqueId(this.#host.random),
      request,
      ahead,
      endSeq: undefined,
      cancelled: false,
      stopWaiting: new AbortController(),
      giveUp: new AbortController(),
      timer: undefined,
    };
    this.#waiting.push(turn);
    this.#remember(turn);
    this.#next();
    return turn;
  }

  /** As of `requestId`: the turns that run or wait. */
  get openRequestIds(): readonly string[] {
    const open = this.#running === undefined ? this.#waiting : [this.#running, ...this.#waiting];
    return open.flatMap(({ request }) => request.requestId || []);
  }

  /** Stops the turn of this prompt, also one that waits; false if it is not open. */
  cancelRequest(requestId: string): boolean {
    if (this.#running?.request.requestId === requestId) return this.cancel();
    const at = this.#waiting.findIndex(({ request }) => request.requestId === requestId);
    const [turn] = at === -1 ? [] : this.#waiting.splice(at, 1);
    if (turn === undefined) return false;
    this.#end(turn, "cancelled", toJson({ stopReason: "cancelled" }));
    return true;
  }

  /** Stops the running turn; false if none is. */
  cancel(): boolean {
    const turn = this.#running;
    if (turn === undefined) return false;
    if (turn.cancelled) return true;
    turn.cancelled = true;
    turn.stopWaiting.abort();
    this.#host.sendCancel();
    turn.timer = this.#host.clock.schedule(CANCEL_GRACE_MS, () => {
      const message = `the agent did not end the turn within ${CANCEL_GRACE_MS} ms of its being cancelled`;
      turn.giveUp.abort(
        new StatusError(StatusCode.DEADLINE_EXCEEDED, message, { reason: "agent-unresponsive" }),
      );
    });
    return true;
  }

  /** The session is being closed: what waits is not begun any more. */
  drop(why: StatusError): void {
    for (const turn of this.#waiting.splice(0)) this.#fail(turn, why, "");
  }

  /** The agent is gone. What waits is tried with its next process, from `proceed` on. */
  failRunning(why: StatusError, stderrTail: string): void {
    this.#held = true;
    if (this.#running !== undefined) this.#fail(this.#running, why, stderrTail);
  }

  proceed(): void {
    this.#held = false;
    this.#next();
  }

  #next(): void {
    if (this.#running !== undefined || this.#held) return;
    const turn = this.#waiting.shift();
    if (turn === undefined) return;
    this.#running = turn;
    this.#host.append({
      case: "turnStarted",
      value: {
        turnId: turn.id,
        promptJson: turn.request.promptJson,
        by: turn.request.by.watcher,
        requestId: turn.request.requestId,
      },
    });
    this.#host.turnsChanged();
    void this.#run(turn);
  }

  async #run(turn: OpenTurn): Promise<void> {
    try {
      await this.#host.ready(turn.stopWaiting.signal);
      if (turn.cancelled) return this.#end(turn, "cancelled", toJson({ stopReason: "cancelled" }));
      await this.#host.send(turn.request, {
        signal: turn.giveUp.signal,
        onAnswer: (answer) => this.#answered(turn, answer),
      });
    } catch (thrown) {
      if (turn.cancelled && StatusError.from(thrown).code === StatusCode.CANCELLED)
        return this.#end(turn, "cancelled", toJson({ stopReason: "cancelled" }));
      this.#fail(turn, StatusError.from(thrown), thrown instanceof LaunchError ? thrown.stderrTail : "");
    }
  }

  #answered(turn: OpenTurn, answer: AcpAnswer): void {
    if (answer.kind === "result") {
      const { stopReason } = answer.values;
      return this.#end(turn, typeof stopReason === "string" ? stopReason : "", answer.bytes);
    }
    if (turn.cancelled && answer.code === AcpErrorCode.requestCancelled) {
      return this.#end(turn, "cancelled", toJson({ stopReason: "cancelled" }));
    }
    this.#fail(turn, statusOfAcpError(this.#host.agentId, "session/prompt", answer), "", answer.bytes);
  }

  #end(turn: OpenTurn, stopReason: string, responseJson: JsonBytes): void {
    const { id: turnId, request } = turn;
    const value = { turnId, stopReason, responseJson, requestId: request.requestId };
    this.#finish(turn, { case: "turnEnded", value });
  }

  #fail(
    turn: OpenTurn,
    { code, reason, message }: StatusError,
    stderrTail: string,
    errorJson?: JsonBytes,
  ): void {
    const { id: turnId, request } = turn;
    const value = { turnId, code, reason, message, stderrTail, errorJson, requestId: request.requestId };
    this.#finish(turn, { case: "turnFailed", value });
  }

  #remember(turn: OpenTurn): void {
    const { requestId } = turn.request;
    if (requestId === undefined || requestId === "") return;
    this.#remembered.set(requestId, turn);
    if (this.#remembered.size <= MAX_REMEMBERED) return;
    for (const [id, { endSeq }] of this.#remembered) {
      // Those that are open are fewer than are remembered.
      if (endSeq === undefined) continue;
      this.#remembered.delete(id);
      return;
    }
  }

  /** What it needs of its client, it needs of the connection that is there now. */
  #sentAgain(turn: OpenTurn, { driver, by }: TurnRequest): Turn {
    turn.request = { ...turn.request, by, ...(driver && { driver }) };
    return turn;
  }

  #finish(turn: OpenTurn, body: EventBody): void {
    if (turn.endSeq !== undefined) return;
    turn.timer?.cancel();
    turn.endSeq = this.#host.append(body);
    if (this.#running === turn) this.#running = undefined;
    this.#host.turnsChanged();
    this.#next();
  }
}

import type { JsonBytes } from "@clawmatrix/acp-wire";
import { ExpiringMap } from "@clawmatrix/bounded";
import type { Clock, Random, Timer } from "@clawmatrix/environment";
import { type PermissionAnswer, StatusCode, StatusError } from "@clawmatrix/protocol";
import type { Participant } from "../sessions/audience.ts";
import { ChangeSignal } from "../sessions/change-signal.ts";
import { uniqueId } from "../sessions/unique-id.ts";
import { cancelledOutcome, type InputKind, type Outcome, outcomeOfAnswer } from "./input-answer.ts";

/** How an input was settled. */
export type SettledHow = "person" | "policy" | "rule" | "timeout" | "cancelled";

export interface Settlement {
  readonly how: SettledHow;
  readonly outcome: Outcome;
  /** Who answered, where a person did. */
  readonly by?: Participant;
}

/** Something that an agent wants to know from a person. */
export interface WaitingInputEntry {
  readonly id: string;
  readonly sessionId: string;
  readonly agentId: string;
  readonly input: InputKind;
  /** The params of ACP's request, whole. */
  readonly requestJson: JsonBytes;
  /** ms since 1970. */
  readonly since: number;
}

export interface InputDeskOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** How long a person has to answer, in milliseconds. */
  readonly waitMs: number;
}

export interface AskOptions {
  readonly onTimeout: () => Outcome;
  readonly onSettled: (settlement: Settlement) => void;
  /** Withdraws what was asked. */
  readonly signal: AbortSignal;
}

interface Entry extends WaitingInputEntry {
  readonly settle: (settlement: Settlement) => void;
}

/** Inputs of one session that may wait at once. */
const MAX_WAITING_PER_SESSION = 32;
/** Settled inputs of which one can still be told who was first. */
const MAX_SETTLED = 1_000;
const SETTLED_KEPT_MS = 60 * 60 * 1_000;

/** Everything on this node that waits for a person. The first answer holds. */
export class InputDesk {
  /** Something has begun or ceased to wait. */
  readonly changes = new ChangeSignal();
  readonly #options: InputDeskOptions;
  readonly #waiting = new Map<string, Entry>();
  readonly #settled: ExpiringMap<string>;
  #waitMs: number;

  constructor(options: InputDeskOptions) {
    this.#options = options;
    this.#waitMs = options.waitMs;
    const { clock, random } = options;
    this.#settled = new ExpiringMap({ clock, random, entries: MAX_SETTLED, milliseconds: SETTLED_KEPT_MS });
  }

  /** How long a person has to answer what is asked from now on, in milliseconds. */
  set waitMs(milliseconds: number) {
    this.#waitMs = milliseconds;
  }

  /** Oldest first. */
  get waiting(): readonly WaitingInputEntry[] {
    return [...this.#waiting.values()];
  }

  find(id: string): WaitingInputEntry | undefined {
    return this.#waiting.get(id);
  }

  waitingOf(sessionId: string): WaitingInputEntry[] {
    return [...this.#waiting.values()].filter((entry) => entry.sessionId === sessionId);
  }

  newId(): string {
    return uniqueId(this.#options.random);
  }

  /**
   * Waits for the first answer. `onTimeout` gives the outcome when nobody has answered in time; `onSettled` sees how it
   * ended before anything else happens.
   * @throws StatusError RESOURCE_EXHAUSTED if too much of this session waits already.
   */
  ask(
    entry: Omit<WaitingInputEntry, "since">,
    { onTimeout, onSettled, signal }: AskOptions,
  ): Promise<Settlement> {
    if (this.waitingOf(entry.sessionId).length >= MAX_WAITING_PER_SESSION) {
      const message = `${MAX_WAITING_PER_SESSION} questions of this session wait for a person already`;
      throw new StatusError(StatusCode.RESOURCE_EXHAUSTED, message, { reason: "too-many-inputs" });
    }
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const withdraw = (): void => settle({ how: "cancelled", outcome: cancelledOutcome(entry.input) });
      const settle = (settlement: Settlement): void => {
        if (!this.#waiting.delete(entry.id)) return;
        timer?.cancel();
        signal.removeEventListener("abort", withdraw);
        this.#settled.set(entry.id, describe(settlement));
        onSettled(settlement);
        resolve(settlement);
        this.changes.notify();
      };
      this.#waiting.set(entry.id, { ...entry, since: clock.now(), settle });
      const timer: Timer | undefined = clock.schedule(this.#waitMs, () =>
        settle({ how: "timeout", outcome: onTimeout() }),
      );
      signal.addEventListener("abort", withdraw);
      if (signal.aborted) withdraw();
      this.changes.notify();
    });
  }

  /**
   * Takes a person's answer.
   * @throws StatusError FAILED_PRECONDITION "answered-already" naming who was first; NOT_FOUND; INVALID_ARGUMENT.
   */
  answer(id: string, answer: PermissionAnswer["answer"], by: Participant): void {
    const entry = this.#waiting.get(id);
    if (entry === undefined) throw this.noLongerWaiting(id);
    entry.settle({ how: "person", outcome: outcomeOfAnswer(entry.input, answer), by });
  }

  /** Nobody wants to know any more: the agent is told "cancelled". */
  withdrawAllOf(sessionId: string): void {
    for (const entry of [...this.#waiting.values()]) {
      if (entry.sessionId !== sessionId) continue;
      entry.settle({ how: "cancelled", outcome: cancelledOutcome(entry.input) });
    }
  }

  /** Why an answer to this id is not taken. */
  noLongerWaiting(id: string): StatusError {
    const settled = this.#settled.get(id);
    if (settled === undefined) {
      return new StatusError(
        StatusCode.NOT_FOUND,
        `nothing with the id ${JSON.stringify(id.slice(0, 64))} waits here`,
        {
          reason: "no-such-input",
          hint: "`clawmatrix inbox` lists what waits",
        },
      );
    }
    return new StatusError(StatusCode.FAILED_PRECONDITION, `it was answered already: ${settled}`, {
      reason: "answered-already",
    });
  }
}

function describe({ how, by }: Settlement): string {
  switch (how) {
    case "person":
      return `by ${by?.watcher.name || by?.nodeId || "somebody"}`;
    case "timeout":
      return "nobody did in time";
    case "cancelled":
      return "it was cancelled";
    default:
      return `by a ${how}`;
  }
}

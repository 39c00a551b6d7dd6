import type { Clock } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";

/** Failures without a success between them from which on callers are refused at once. */
export const FAILURES_TO_OPEN = 3;
/** The pause after the first failure; each further one doubles it. */
export const FIRST_PAUSE_MS = 1_000;
/** The longest: somebody who mends the agent should not have to wait long, or restart the node. */
export const LONGEST_PAUSE_MS = 5 * 60 * 1_000;
/** Characters of the failure that are shown beside the agent, in lists and to other nodes. */
const SHOWN_CHARACTERS = 300;

/**
 * Keeps an agent that fails again and again from being started for every caller. A failure is a start that failed, and a
 * process that died or went silent before it had opened a session; a session that was opened makes up for all.
 */
export class StartBreaker {
  readonly #agentId: string;
  readonly #clock: Clock;
  #failures = 0;
  #last: StatusError | undefined;
  #failedAt = 0;
  #triedAgainAt = "";

  constructor(agentId: string, clock: Clock) {
    this.#agentId = agentId;
    this.#clock = clock;
  }

  /** Why the agent cannot be used at present, in one line; undefined while nothing says that it cannot. */
  get why(): string | undefined {
    if (this.#last === undefined) return undefined;
    const message = this.#last.message.replace(/\s+/g, " ");
    const shown = message.length <= SHOWN_CHARACTERS ? message : `${message.slice(0, SHOWN_CHARACTERS - 1)}…`;
    if (!this.#isOpen) return shown;
    return `failed ${this.#failures} times, tried again at ${this.#triedAgainAt}: ${shown}`;
  }

  /** Milliseconds until a start that nobody waits for may be tried. 0: at once. */
  get pauseMs(): number {
    if (this.#failures === 0) return 0;
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
    return Math.max(0, this.#failedAt + pause - this.#clock.monotonic());
  }

  /** @throws StatusError UNAVAILABLE with the last failure and when it is tried again. */
  requireClosed(): void {
    const last = this.#last;
    if (last === undefined || !this.#isOpen) return;
    const seconds = Math.ceil(this.pauseMs / 1_000);
    throw new StatusError(
      StatusCode.UNAVAILABLE,
      `the agent "${this.#agentId}" has failed ${this.#failures} times in a row and is tried again in ${seconds} s; the last time: ${last.message}`,
      {
        reason: "agent-failing",
        hint: last.hint || "`clawmatrix agents check` starts it at once and shows where it fails",
        cause: last,
      },
    );
  }

  failed(why: StatusError): void {
    this.#failures++;
    this.#last = why;
    this.#failedAt = this.#clock.monotonic();
    // Said once: what is told to other nodes must not change with every look at it.
    this.#triedAgainAt = new Date(this.#clock.now() + this.pauseMs).toISOString();
  }

  /** A process has answered `initialize`: it may be shown as ready, but has opened no session yet. */
  started(): void {
    this.#last = undefined;
  }

  /** It works, or is to be tried anew (its settings have changed). */
  reset(): void {
    this.#failures = 0;
    this.#last = undefined;
  }

  get #isOpen(): boolean {
    return this.#failures >= FAILURES_TO_OPEN && this.pauseMs > 0;
  }
}

import type { Clock, Timer } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";

export interface WaitingLineOptions {
  readonly clock: Clock;
  /** What is waited for, as a person reads it after "wait for": "a process of coder". */
  readonly what: string;
  /** What makes more places, as a hint. */
  readonly hint: string;
}

export interface Waiting {
  /** Hears what is waited for. */
  readonly say: (progress: string) => void;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiter {
  readonly group: string;
  /** True if it has left the line. */
  attempt(): boolean;
  tell(ahead: number): void;
  fail(why: StatusError): void;
}

/** Callers that may wait in one line. */
export const MAX_WAITING = 64;
/** Of these, callers of one node: what one asks for leaves room for others. */
export const MAX_WAITING_OF_GROUP = 32;
/** How often those who wait hear that they still do, which keeps their calls alive. */
const SAY_AGAIN_MS = 20_000;

/** Callers that wait for a place, the first come first. Who needs something else than those before may pass them. */
export class WaitingLine {
  readonly #options: WaitingLineOptions;
  readonly #waiters = new Set<Waiter>();
  #advancing = false;
  #again = false;

  constructor(options: WaitingLineOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#waiters.size;
  }

  /**
   * What `attempt` gives, at once or as soon as `advance` finds that it gives something.
   * @throws StatusError RESOURCE_EXHAUSTED if too many wait already; CANCELLED; what `attempt` throws.
   */
  async take<T>(attempt: () => T | undefined, group: string, { say, signal }: Waiting): Promise<T> {
    const taken = attempt();
    if (taken !== undefined) return taken;
    this.#requireRoom(group);
    return await new Promise((resolve, reject) => {
      let timer: Timer | undefined;
      let told = -1;
      const leave = (): void => {
        this.#waiters.delete(waiter);
        timer?.cancel();
        signal?.removeEventListener("abort", onAbort);
      };
      const fail = (why: unknown): void => {
        leave();
        reject(why);
      };
      const onAbort = (): void => {
        fail(new StatusError(StatusCode.CANCELLED, "the caller has gone", { reason: "cancelled" }));
        this.#tellAll();
      };
      const sayAgain = (): void => {
        say(`waiting for a place (${told} before you)`);
        timer = this.#options.clock.schedule(SAY_AGAIN_MS, sayAgain);
      };
      const waiter: Waiter = {
        group,
        fail,
        attempt: () => {
          try {
            const now = attempt();
            if (now === undefined) return false;
            leave();
            resolve(now);
          } catch (thrown) {
            fail(thrown);
          }
          return true;
        },
        tell: (ahead) => {
          if (ahead === told) return;
          told = ahead;
          timer?.cancel();
          sayAgain();
        },
      };
      waiter.tell(this.#waiters.size);
      this.#waiters.add(waiter);
      signal?.addEventListener("abort", onAbort);
      if (signal?.aborted) onAbort();
    });
  }

  /** A place may be free. */
  advance(): void {
    // An attempt that makes room for itself says so, which must not begin a second one of the same caller.
    this.#again = this.#advancing;
    if (this.#advancing) return;
    this.#advancing = true;
    do {
      this.#again = false;
      for (const waiter of [...this.#waiters]) waiter.attempt();
    } while (this.#again);
    this.#advancing = false;
    this.#tellAll();
  }

  /** Nobody will get a place any more. */
  fail(why: StatusError): void {
    for (const waiter of [...this.#waiters]) waiter.fail(why);
  }

  #tellAll(): void {
    let ahead = 0;
    for (const waiter of this.#waiters) waiter.tell(ahead++);
  }

  #requireRoom(group: string): void {
    const ofGroup = [...this.#waiters].filter((waiter) => waiter.group === group).length;
    if (this.#waiters.size < MAX_WAITING && ofGroup < MAX_WAITING_OF_GROUP) return;
    const { what, hint } = this.#options;
    const whose = this.#waiters.size < MAX_WAITING ? "of your node " : "";
    throw new StatusError(
      StatusCode.RESOURCE_EXHAUSTED,
      `too many callers ${whose}wait for ${what} already (${this.#waiters.size})`,
      { reason: "too-many-waiting", hint },
    );
  }
}

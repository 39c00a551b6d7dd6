import type { Clock } from "@clawmatrix/environment";

/** When what has collected during a turn of the event loop is sent. */
export interface Turn {
  /** Calls back once, when what is being handled now has been handled. */
  soon(callback: () => void): void;
}

/**
 * After the sockets that have something to read now have been read. What the callbacks ask for follows them in the
 * same turn: what channels pack at its end leaves over the links right after, not a turn later.
 */
export class EventLoopTurn implements Turn {
  #waiting: (() => void)[] = [];
  #scheduled = false;

  soon(callback: () => void): void {
    this.#waiting.push(callback);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#end);
  }

  readonly #end = (): void => {
    this.#callBack();
    // What these ask for has to wait for the next turn, or sockets might never be read again.
    this.#scheduled = false;
    this.#callBack();
  };

  #callBack(): void {
    const callbacks = this.#waiting;
    this.#waiting = [];
    for (const callback of callbacks) callback();
  }
}

/** As the clock's next timer, without delay: for virtual time. */
export function clockTurn(clock: Clock): Turn {
  return {
    soon: (callback) => {
      clock.schedule(0, callback);
    },
  };
}

/** Lets others wait until something that changes is as they want it, without looking at it time and again. */
export class Changes {
  readonly #waiting = new Set<() => void>();

  /** To be called after every change. */
  announce(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /**
   * Resolves with what `probe` finds, now or after one of the changes to come.
   * @throws Error with the words of `explain` after `deadlineMs`.
   */
  until<T>(probe: () => T | undefined, deadlineMs: number, explain: () => string): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = probe();
        if (found === undefined) return false;
        this.#waiting.delete(look);
        clearTimeout(deadline);
        resolve(found);
        return true;
      };
      const deadline = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`${explain()} (waited ${deadlineMs} ms)`));
      }, deadlineMs);
      if (!look()) this.#waiting.add(look);
    });
  }
}

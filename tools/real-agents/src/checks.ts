/** Runs checks one after the other, says how each went, and counts. */
export class Checks {
  #passed = 0;
  #failed = 0;

  /** Runs one check; a failure is reported and does not stop those that come after. */
  async check(name: string, run: () => Promise<void>): Promise<boolean> {
    const started = performance.now();
    try {
      await run();
      this.#passed++;
      console.log(`  ✓ ${name} (${Math.round(performance.now() - started)} ms)`);
      return true;
    } catch (error) {
      this.#failed++;
      console.log(`  ✗ ${name}\n${indented(reason(error))}`);
      return false;
    }
  }

  /** Prints the sum; true when everything passed and something ran. */
  summary(): boolean {
    console.log(`\n${this.#passed} passed, ${this.#failed} failed`);
    return this.#failed === 0 && this.#passed > 0;
  }
}

/** Fails the running check with `explanation` unless `holds`. */
export function expect(holds: boolean, explanation: string): asserts holds {
  if (!holds) throw new Error(explanation);
}

/** The message of `error` and of everything that caused it, one line each. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}\n${reason(error.cause)}`;
}

function indented(text: string): string {
  return text.replace(/^/gm, "      ");
}

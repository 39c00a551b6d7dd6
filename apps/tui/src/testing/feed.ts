/** Values that whoever reads gets in order, those from before included; until it fails. */
export class Feed<Value> {
  readonly #values: Value[] = [];
  #failure: Error | undefined;
  #wake = Promise.withResolvers<void>();

  get length(): number {
    return this.#values.length;
  }

  push(value: Value): void {
    this.#values.push(value);
    this.#stir();
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#stir();
  }

  async *from<Out>(
    start: number,
    signal: AbortSignal | undefined,
    map: (value: Value) => Out,
  ): AsyncGenerator<Out> {
    const aborted = new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve()));
    for (let at = start; signal?.aborted !== true; ) {
      const value = this.#values[at];
      if (value !== undefined) {
        at++;
        yield map(value);
      } else if (this.#failure !== undefined) throw this.#failure;
      else await Promise.race([this.#wake.promise, aborted]);
    }
  }

  #stir(): void {
    const { resolve } = this.#wake;
    this.#wake = Promise.withResolvers<void>();
    resolve();
  }
}

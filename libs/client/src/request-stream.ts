/** The requests of a streaming call: what is pushed comes out in order, until it is ended. */
export class RequestStream<Request> implements AsyncIterable<Request> {
  readonly #waiting: Request[] = [];
  #ended = false;
  #wake: (() => void) | undefined;

  /** Sends one more. After `end` it is dropped. */
  push(request: Request): void {
    if (this.#ended) return;
    this.#waiting.push(request);
    this.#wake?.();
  }

  /** Nothing more will be sent. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Request> {
    for (;;) {
      const request = this.#waiting.shift();
      if (request !== undefined) yield request;
      else if (this.#ended) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

import type { StatusError } from "@clawmatrix/protocol";

/** What a conduit tells those who use it, besides the frames of calls. */
export class ConduitEvents {
  readonly #ended = new Set<(error: StatusError) => void>();
  readonly #reconnecting = new Set<(reconnecting: boolean) => void>();
  #isReconnecting = false;

  get reconnecting(): boolean {
    return this.#isReconnecting;
  }

  onEnded(listener: (error: StatusError) => void): () => void {
    this.#ended.add(listener);
    return () => this.#ended.delete(listener);
  }

  onReconnecting(listener: (reconnecting: boolean) => void): () => void {
    this.#reconnecting.add(listener);
    return () => this.#reconnecting.delete(listener);
  }

  setReconnecting(reconnecting: boolean): void {
    if (reconnecting === this.#isReconnecting) return;
    this.#isReconnecting = reconnecting;
    for (const listener of [...this.#reconnecting]) listener(reconnecting);
  }

  /** Tells the end, once, and forgets all listeners. */
  end(error: StatusError): void {
    const listeners = [...this.#ended];
    this.#ended.clear();
    this.#reconnecting.clear();
    for (const listener of listeners) listener(error);
  }
}

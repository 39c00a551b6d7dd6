import type { AcpParams } from "@clawmatrix/acp-wire";
import { BoundedQueue } from "@clawmatrix/bounded";

/** Notifications kept for sessions that are being opened, per process: some hundreds of commands, modes, options. */
const MAX_EARLY_MESSAGES = 1_000;
const MAX_EARLY_BYTES = 4 * 1024 * 1024;

interface EarlyMessage {
  readonly sessionId: string;
  readonly method: string;
  readonly params: AcpParams;
}

/** What an agent says of a session before the answer that tells the session's id. */
export class EarlyMessages {
  readonly #queue = new BoundedQueue<EarlyMessage>({ entries: MAX_EARLY_MESSAGES, bytes: MAX_EARLY_BYTES });
  /** Messages dropped because there were too many, or because nobody ever opened their session. */
  dropped = 0;

  keep(sessionId: string, method: string, params: AcpParams): void {
    const count = (): void => {
      this.dropped++;
    };
    const message = { sessionId, method, params };
    if (!this.#queue.pushDroppingOldest(message, params.bytes.length, count)) count();
  }

  /** Takes out what was said of this session, in order. */
  take(sessionId: string): { method: string; params: AcpParams }[] {
    const taken: EarlyMessage[] = [];
    for (let left = this.#queue.size; left > 0; left--) {
      const message = this.#queue.shift();
      if (message === undefined) break;
      if (message.sessionId === sessionId) taken.push(message);
      else this.#queue.push(message, message.params.bytes.length);
    }
    return taken;
  }

  clear(): void {
    this.dropped += this.#queue.size;
    this.#queue.clear();
  }
}

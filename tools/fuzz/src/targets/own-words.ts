import { type Logger, silentLogger } from "@clawmatrix/environment";

/** How JavaScript and Node word their own errors, which no check of ours has foreseen. */
const UNFORESEEN =
  /out of range|out of bounds|undefined|not a function|not iterable|Cannot |Invalid |must be of type|call stack/;

/** Throws where a reason that a node gives was not worded by itself. */
export function requireOwnWords(reason: string | undefined): void {
  if (reason !== undefined && UNFORESEEN.test(reason))
    throw new Error(`an error that nobody foresaw: ${reason}`);
}

/** A log that keeps the first error that nobody foresaw; `check` throws it. */
export class ErrorLog {
  readonly logger: Logger;
  #found: string | undefined;

  constructor() {
    const note: Logger["warn"] = (_message, fields) => {
      const error = String(fields?.error ?? "");
      if (UNFORESEEN.test(error)) this.#found ??= error;
    };
    this.logger = {
      ...silentLogger,
      debug: note,
      info: note,
      warn: note,
      error: note,
      child: () => this.logger,
    };
  }

  check(): void {
    const found = this.#found;
    this.#found = undefined;
    requireOwnWords(found);
  }
}

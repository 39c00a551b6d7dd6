import type { JsonObject } from "@clawmatrix/acp-wire";
import { parseLine, timeIn } from "../files/json-line.ts";

export interface NamedTailOptions {
  /** Lines without this in them hold no name, and are not parsed for one. */
  readonly marker: string;
  readonly nameIn: (line: JsonObject) => string;
}

/** What the end of a transcript says, read backwards: when it was changed last, and the latest name of its session. */
export class NamedTail {
  readonly #options: NamedTailOptions;
  #name = "";
  #updatedAt = 0;

  constructor(options: NamedTailOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#name;
  }

  /** Milliseconds since 1970; 0: not known. */
  get updatedAt(): number {
    return this.#updatedAt;
  }

  /** Takes the next line from the end. True: nothing more is to be learnt. */
  line(line: Buffer): boolean {
    const { marker, nameIn } = this.#options;
    const isNamed = line.includes(marker);
    if (!isNamed && this.#updatedAt > 0) return false;
    const value = parseLine(line);
    if (value === undefined) return false;
    this.#updatedAt ||= timeIn(value, "timestamp");
    if (isNamed) this.#name ||= nameIn(value);
    return this.#name !== "" && this.#updatedAt > 0;
  }
}

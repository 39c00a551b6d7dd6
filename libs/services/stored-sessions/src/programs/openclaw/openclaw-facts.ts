import { objectIn, objectsIn, parseLine, textIn, timeIn } from "../../files/json-line.ts";
import { NamedTail } from "../../transcript/named-tail.ts";
import type { FactsReader, TranscriptFacts } from "../program.ts";

/** What OpenClaw's transcripts say of their session: the first line has its directory. */
export class OpenClawFacts implements FactsReader {
  readonly #tail = new NamedTail({
    marker: '"session_info"',
    nameIn: (line) => (line.type === "session_info" ? textIn(line, "name") : ""),
  });
  #cwd = "";
  #firstMessage = "";
  #createdAt = 0;
  #spoken = false;

  head(line: Buffer): boolean {
    const value = parseLine(line);
    if (value === undefined) return false;
    this.#createdAt ||= timeIn(value, "timestamp");
    if (value.type === "session") this.#cwd ||= textIn(value, "cwd");
    if (value.type !== "message") return false;
    this.#spoken = true;
    const message = objectIn(value, "message");
    if (message.role !== "user") return false;
    const texts = objectsIn(message, "content").map((part) => textIn(part, "text"));
    this.#firstMessage ||= texts.find((text) => text.trim() !== "") ?? textIn(message, "content");
    return this.#firstMessage !== "";
  }

  tail(line: Buffer): boolean {
    return this.#tail.line(line);
  }

  facts(whole: boolean): TranscriptFacts {
    return {
      cwd: this.#cwd,
      title: this.#tail.name,
      firstMessage: this.#firstMessage,
      createdAt: this.#createdAt,
      updatedAt: this.#tail.updatedAt,
      hidden: whole && !this.#spoken,
    };
  }
}

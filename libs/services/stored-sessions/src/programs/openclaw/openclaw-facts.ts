import { objectIn, objectsIn, parseLine, textIn, timeIn } from "../../files/json-line.ts";
import type { FactsReader, TranscriptFacts } from "../program.ts";

/** What OpenClaw's transcripts say of their session: the first line has its directory. */
export class OpenClawFacts implements FactsReader {
  #cwd = "";
  #firstMessage = "";
  #name = "";
  #createdAt = 0;
  #updatedAt = 0;
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
    const isNamed = line.includes('"session_info"');
    if (!isNamed && this.#updatedAt > 0) return false;
    const value = parseLine(line);
    if (value === undefined) return false;
    this.#updatedAt ||= timeIn(value, "timestamp");
    if (value.type === "session_info") this.#name ||= textIn(value, "name");
    return this.#name !== "" && this.#updatedAt > 0;
  }

  facts(whole: boolean): TranscriptFacts {
    return {
      cwd: this.#cwd,
      title: this.#name,
      firstMessage: this.#firstMessage,
      createdAt: this.#createdAt,
      updatedAt: this.#updatedAt,
      hidden: whole && !this.#spoken,
    };
  }
}

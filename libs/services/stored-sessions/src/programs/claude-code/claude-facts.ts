import { parseLine, textIn, timeIn } from "../../files/json-line.ts";
import type { FactsReader, TranscriptFacts } from "../program.ts";
import { isSpoken, promptOf } from "./claude-messages.ts";

/** What Claude Code's transcripts say of their session. Titles are added at the end, whenever they change. */
export class ClaudeFacts implements FactsReader {
  #cwd = "";
  #firstMessage = "";
  #command = "";
  #spoken = false;
  #createdAt = 0;
  #updatedAt = 0;
  #named = "";
  #guessed = "";
  #summary = "";

  head(line: Buffer): boolean {
    const value = parseLine(line);
    if (value === undefined) return false;
    this.#summary ||= value.type === "summary" ? textIn(value, "summary") : "";
    if (!isSpoken(value)) return false;
    this.#spoken = true;
    this.#cwd ||= textIn(value, "cwd");
    this.#createdAt ||= timeIn(value, "timestamp");
    const prompt = promptOf(value);
    // A session is about what follows its first commands.
    if (prompt.startsWith("/")) this.#command ||= prompt;
    else this.#firstMessage ||= prompt;
    return this.#firstMessage !== "" && this.#cwd !== "";
  }

  tail(line: Buffer): boolean {
    const hasTitle = line.includes('-title"') || line.includes('"summary"');
    if (!hasTitle && this.#updatedAt > 0) return false;
    const value = parseLine(line);
    if (value === undefined) return false;
    this.#updatedAt ||= timeIn(value, "timestamp");
    if (value.type === "custom-title") this.#named ||= textIn(value, "customTitle");
    if (value.type === "ai-title") this.#guessed ||= textIn(value, "aiTitle") || textIn(value, "title");
    if (value.type === "summary") this.#summary ||= textIn(value, "summary");
    return this.#named !== "" && this.#updatedAt > 0;
  }

  facts(whole: boolean): TranscriptFacts {
    return {
      cwd: this.#cwd,
      title: this.#named || this.#guessed || this.#summary,
      firstMessage: this.#firstMessage || this.#command,
      createdAt: this.#createdAt,
      updatedAt: this.#updatedAt,
      // Many files hold nothing but a summary of another one, or what a command printed.
      hidden: whole && !this.#spoken,
    };
  }
}

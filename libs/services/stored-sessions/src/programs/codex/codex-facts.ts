import { isJsonObject } from "@clawmatrix/acp-wire";
import { objectIn, parseLine, textIn, timeIn } from "../../files/json-line.ts";
import type { FactsReader, TranscriptFacts } from "../program.ts";
import { itemOf, promptOf } from "./codex-items.ts";

/** What Codex' transcripts say of their session: the first line has everything but what was said. */
export class CodexFacts implements FactsReader {
  #cwd = "";
  #firstMessage = "";
  #name = "";
  #createdAt = 0;
  #updatedAt = 0;
  #isSubAgent = false;

  head(line: Buffer): boolean {
    const value = parseLine(line);
    if (value === undefined) return false;
    this.#createdAt ||= timeIn(value, "timestamp");
    const item = itemOf(value);
    if (value.type === "session_meta") {
      this.#cwd ||= textIn(item.payload, "cwd");
      const { source } = item.payload;
      this.#isSubAgent ||= isJsonObject(source) && "subagent" in source;
    }
    // Early versions said it only to the model.
    if (this.#cwd === "" && line.includes("environment_context")) this.#cwd = cwdIn(line.toString());
    this.#firstMessage ||= promptOf(item);
    return this.#firstMessage !== "" && this.#cwd !== "";
  }

  tail(line: Buffer): boolean {
    const isNamed = line.includes('"thread_name_updated"');
    if (!isNamed && this.#updatedAt > 0) return false;
    const value = parseLine(line);
    if (value === undefined) return false;
    this.#updatedAt ||= timeIn(value, "timestamp");
    if (isNamed) this.#name ||= textIn(objectIn(value, "payload"), "thread_name");
    return this.#name !== "" && this.#updatedAt > 0;
  }

  facts(whole: boolean): TranscriptFacts {
    return {
      cwd: this.#cwd,
      title: this.#name,
      firstMessage: this.#firstMessage,
      createdAt: this.#createdAt,
      updatedAt: this.#updatedAt,
      hidden: this.#isSubAgent || (whole && this.#firstMessage === ""),
    };
  }
}

function cwdIn(text: string): string {
  const found = /<cwd>([^<\\]+)<\/cwd>|Current working directory: ([^\\"\n]+)/.exec(text);
  return (found?.[1] ?? found?.[2] ?? "").trim();
}

import { isJsonObject } from "@clawmatrix/acp-wire";
import { objectIn, parseLine, textIn, timeIn } from "../../files/json-line.ts";
import { NamedTail } from "../../transcript/named-tail.ts";
import type { FactsReader, TranscriptFacts } from "../program.ts";
import { itemOf, promptOf } from "./codex-items.ts";

/** What Codex' transcripts say of their session: the first line has everything but what was said. */
export class CodexFacts implements FactsReader {
  readonly #tail = new NamedTail({
    marker: '"thread_name_updated"',
    nameIn: (line) => textIn(objectIn(line, "payload"), "thread_name"),
  });
  #cwd = "";
  #firstMessage = "";
  #createdAt = 0;
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
    return this.#tail.line(line);
  }

  facts(whole: boolean): TranscriptFacts {
    return {
      cwd: this.#cwd,
      title: this.#tail.name,
      firstMessage: this.#firstMessage,
      createdAt: this.#createdAt,
      updatedAt: this.#tail.updatedAt,
      hidden: this.#isSubAgent || (whole && this.#firstMessage === ""),
    };
  }
}

function cwdIn(text: string): string {
  const found = /<cwd>([^<\\]+)<\/cwd>|Current working directory: ([^\\"\n]+)/.exec(text);
  return (found?.[1] ?? found?.[2] ?? "").trim();
}

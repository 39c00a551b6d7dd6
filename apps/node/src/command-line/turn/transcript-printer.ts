import type { SessionEvent } from "@clawmatrix/protocol";
import type { Output } from "../output.ts";
import { type ContentShape, listOf, parseShape, textOf } from "./acp-shapes.ts";
import { TurnPrinter } from "./turn-printer.ts";

/** Prints a session for people: the prompts as well as the answers. */
export class TranscriptPrinter {
  readonly #output: Output;
  readonly #turns: TurnPrinter;

  constructor(output: Output) {
    this.#output = output;
    this.#turns = new TurnPrinter(output);
  }

  print(event: SessionEvent): void {
    const { body } = event;
    if (body.case !== "turnStarted") {
      this.#turns.print(event);
      if (body.case === "turnFailed") this.#note(`the turn failed: ${body.value.message}`);
      if (body.case === "ended") this.#note(body.value.message);
      if (body.case === "reopened") this.#note("the agent has taken the session up again");
      return;
    }
    this.#turns.finish();
    const blocks = listOf<ContentShape>(parseShape(body.value.promptJson));
    const text = blocks.map((block) => textOf(block.text) ?? "[attachment]").join("\n");
    this.#output.line(this.#output.style("bold", `› ${text}`));
  }

  #note(text: string): void {
    this.#output.note(this.#output.noteStyle("dim", `  ${text}`));
  }

  finish(): void {
    this.#turns.finish();
  }
}

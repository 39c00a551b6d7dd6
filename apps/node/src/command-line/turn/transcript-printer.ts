import type { SessionEvent } from "@clawmatrix/protocol";
import { harmless } from "../format.ts";
import type { Output } from "../output.ts";
import {
  type ContentShape,
  listOf,
  objectOf,
  parseShape,
  type SessionUpdateShape,
  textOf,
} from "./acp-shapes.ts";
import { TurnPrinter } from "./turn-printer.ts";

/** Prints a session for people: the prompts as well as the answers. */
export class TranscriptPrinter {
  readonly #output: Output;
  readonly #turns: TurnPrinter;
  /** The prompt of the turn that runs was printed, however often the agent repeats it. */
  #inTurn = false;

  constructor(output: Output) {
    this.#output = output;
    this.#turns = new TurnPrinter(output);
  }

  print(event: SessionEvent): void {
    const { body } = event;
    if (body.case === "turnStarted") {
      this.#inTurn = true;
      return this.#prompt(listOf<ContentShape>(parseShape(body.value.promptJson)));
    }
    if (body.case === "turnEnded" || body.case === "turnFailed") this.#inTurn = false;
    if (body.case === "updateJson" && !this.#inTurn) this.#retold(parseShape<SessionUpdateShape>(body.value));
    this.#turns.print(event);
    if (body.case === "turnFailed") this.#note(`the turn failed: ${body.value.message}`);
    if (body.case === "ended") this.#note(body.value.message);
    if (body.case === "reopened") this.#note("the agent has taken the session up again");
  }

  finish(): void {
    this.#turns.finish();
  }

  /** A prompt from before the mesh had the session, as its agent or the program that keeps it tells it. */
  #retold({ sessionUpdate, content }: SessionUpdateShape): void {
    if (sessionUpdate === "user_message_chunk") this.#prompt([objectOf(content as ContentShape | undefined)]);
  }

  #prompt(blocks: readonly ContentShape[]): void {
    this.#turns.finish();
    const text = blocks.map((block) => textOf(block.text) ?? "[attachment]").join("\n");
    const shown = this.#output.terminal ? harmless(text) : text;
    this.#output.line(this.#output.style("bold", `› ${shown}`));
  }

  #note(text: string): void {
    this.#output.note(this.#output.noteStyle("dim", `  ${text}`));
  }
}

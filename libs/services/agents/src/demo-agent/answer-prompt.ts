import type { ContentBlock, PromptResponse, SessionUpdate } from "@agentclientprotocol/sdk";
import type { Usage } from "@agentclientprotocol/sdk/unstable";
import { takeAnswer } from "./commands/ask.ts";
import { parseCommand } from "./commands/catalogue.ts";
import { echo } from "./commands/echo.ts";
import { TurnCancelled } from "./failures.ts";
import { readPrompt } from "./prompt-content.ts";
import { showBytes } from "./text-bounds.ts";
import { MAX_TRANSCRIPT_CHARACTERS } from "./transcript.ts";
import type { Turn } from "./turn.ts";

/** Characters of one block of a prompt that are kept for the replay; of a larger one only what it was. */
const MAX_KEPT_BLOCK_CHARACTERS = 65_536;

const INTRODUCTION =
  "I am demo, a small program without a model and without network: I only follow commands (help shows them).\n";

/** `usage` is still unstable in ACP, but agents send it and clients show it. */
export type AnsweredPrompt = PromptResponse & { readonly usage: Usage };

/** Answers one prompt. What goes wrong in a command is part of the answer; it rejects only where the connection fails. */
export async function answerPrompt(blocks: readonly ContentBlock[], turn: Turn): Promise<AnsweredPrompt> {
  const { session } = turn;
  const { text, attachments } = readPrompt(blocks);
  const before = { input: session.inputCharacters, output: session.outputCharacters };
  const titled = session.beginTurn(text);
  for (const block of blocks) session.transcript.record(userMessage(block, session.turns));
  let stopReason: PromptResponse["stopReason"] = "end_turn";
  try {
    if (titled) await turn.update({ sessionUpdate: "session_info_update", title: session.title ?? null });
    if (session.turns === 1) await turn.say(INTRODUCTION);
    for (const attachment of attachments) await turn.say(`${attachment}\n`);
    await answerText(text, attachments.length > 0, turn);
    turn.throwIfCancelled();
  } catch (error) {
    if (!(error instanceof TurnCancelled)) throw error;
    stopReason = "cancelled";
  }
  await turn.update({
    sessionUpdate: "usage_update",
    used: session.transcript.characters,
    size: MAX_TRANSCRIPT_CHARACTERS,
  });
  return {
    stopReason,
    usage: {
      inputTokens: session.inputCharacters - before.input,
      outputTokens: session.outputCharacters - before.output,
      totalTokens: session.inputCharacters + session.outputCharacters,
    },
  };
}

async function answerText(text: string, attached: boolean, turn: Turn): Promise<void> {
  if (turn.session.waitingQuestion !== undefined) return takeAnswer(text, turn);
  if (text === "" && attached) return;
  const parsed = parseCommand(text);
  if (parsed === undefined) return echo(text, turn);
  await parsed.command.run(parsed.argument, turn);
}

function userMessage(block: ContentBlock, turn: number): SessionUpdate {
  const characters = JSON.stringify(block).length;
  const content: ContentBlock =
    characters <= MAX_KEPT_BLOCK_CHARACTERS
      ? block
      : { type: "text", text: `[${block.type} of ${showBytes(characters)}, not kept]` };
  return { sessionUpdate: "user_message_chunk", messageId: `turn-${turn}-prompt`, content };
}

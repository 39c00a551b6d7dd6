import {
  type CreateElicitationResponse,
  type ElicitationPropertySchema,
  methods,
} from "@agentclientprotocol/sdk";
import { messageOf } from "../failures.ts";
import { shorten } from "../text-bounds.ts";
import type { Turn } from "../turn.ts";
import { type Command, sayUsage } from "./command.ts";

/** Characters of a question and of an answer that are repeated. */
const MAX_TEXT_CHARACTERS = 4_096;

export const ask: Command = {
  name: "ask",
  input: "<question> [choice | choice …]",
  description: "Asks you the question, and waits for your answer",
  async run(argument, turn) {
    if (argument === "") return sayUsage(ask, turn, "ask Which colour? red | green | blue");
    const { question, choices } = parseQuestion(shorten(argument, MAX_TEXT_CHARACTERS));
    if (turn.surroundings.clientCapabilities().elicitation?.form == null) {
      turn.session.waitingQuestion = question;
      const among = choices.length > 0 ? ` (${choices.join(", ")})` : "";
      await turn.say(
        `${question}${among}\nYour client has no forms for questions: answer with your next prompt.\n`,
      );
      return;
    }
    await turn.say(describeAnswer(await elicit(turn, question, choices)));
  },
};

/** Takes a prompt as the answer to a question that was asked before. */
export async function takeAnswer(text: string, turn: Turn): Promise<void> {
  const question = turn.session.waitingQuestion;
  turn.session.waitingQuestion = undefined;
  await turn.say(`To “${question}” you answered: ${shorten(text, MAX_TEXT_CHARACTERS)}\n`);
}

/** `Which colour? red | green` is a question with choices. */
function parseQuestion(argument: string): { question: string; choices: string[] } {
  const match = /^([^?]*\?)\s*([^|]+(?:\|[^|]+)+)$/.exec(argument);
  const choices = match?.[2]?.split("|").map((choice) => choice.trim()) ?? [];
  return {
    question: match?.[1] ?? argument,
    choices: [...new Set(choices.filter((choice) => choice !== ""))],
  };
}

async function elicit(turn: Turn, question: string, choices: string[]): Promise<CreateElicitationResponse> {
  const answer: ElicitationPropertySchema = {
    type: "string",
    title: "Answer",
    ...(choices.length > 0 && { oneOf: choices.map((choice) => ({ const: choice, title: choice })) }),
  };
  return await turn.surroundings.client
    .request(
      methods.client.elicitation.create,
      {
        mode: "form",
        sessionId: turn.session.id,
        message: question,
        requestedSchema: { type: "object", properties: { answer }, required: ["answer"] },
      },
      { cancellationSignal: turn.signal, stopWaitingOnCancel: true },
    )
    .catch((error: unknown) => {
      turn.throwIfCancelled();
      return { action: "failed", reason: messageOf(error) };
    });
}

function describeAnswer(response: CreateElicitationResponse): string {
  switch (response.action) {
    case "accept": {
      const content = "content" in response ? response.content : undefined;
      const answer =
        typeof content === "object" && content !== null && "answer" in content ? content.answer : "";
      return `You answered: ${shorten(String(answer), MAX_TEXT_CHARACTERS)}\n`;
    }
    case "decline":
      return "You declined to answer.\n";
    case "cancel":
      return "You dismissed the question.\n";
    case "failed":
      return `The question could not be asked: ${"reason" in response ? response.reason : "no reason given"}\n`;
    default:
      return `The client answered ${shorten(response.action, 100)}, which this agent does not know.\n`;
  }
}

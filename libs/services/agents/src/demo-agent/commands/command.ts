import type { Turn } from "../turn.ts";

/** Something a person can tell the agent to do. */
export interface Command {
  /** The first word of the prompt. */
  readonly name: string;
  /** What comes after it, as the help shows it; empty where nothing does. */
  readonly input: string;
  readonly description: string;
  /** Answers the prompt. `argument` is what came after the name, without the blanks around it. */
  run(argument: string, turn: Turn): Promise<void>;
}

/** How to write the command, for whoever wrote it otherwise. */
export async function sayUsage(command: Command, turn: Turn, example: string): Promise<void> {
  await turn.say(`Write: ${command.name} ${command.input}\nFor example: ${example}\n`);
}

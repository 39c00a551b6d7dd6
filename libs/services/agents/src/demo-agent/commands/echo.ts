import { shorten } from "../text-bounds.ts";
import type { Turn } from "../turn.ts";

/** Characters repeated of a prompt. */
const MAX_ECHO_CHARACTERS = 65_536;

/** The answer to whatever is not a command. */
export async function echo(text: string, turn: Turn): Promise<void> {
  await turn.say(`you said: ${shorten(text, MAX_ECHO_CHARACTERS)}\n`);
}

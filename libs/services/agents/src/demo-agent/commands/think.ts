import type { Command } from "./command.ts";

const THOUGHTS: readonly string[] = [
  "There is no model here, so this is not a thought. ",
  "But it travels like one: ",
  "in pieces, apart from the answer.",
];

export const think: Command = {
  name: "think",
  input: "",
  description: "Streams a thought before the answer",
  async run(_argument, turn) {
    for (const thought of THOUGHTS) {
      await turn.think(thought);
      await turn.pause();
    }
    await turn.say("That was a thought, as far as the protocol goes.\n");
  },
};

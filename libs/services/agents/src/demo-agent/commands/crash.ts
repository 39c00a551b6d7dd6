import type { Command } from "./command.ts";

export const crash: Command = {
  name: "crash",
  input: "",
  description: "Ends the agent's process, as a fault would",
  async run(_argument, turn) {
    await turn.say("I crash now.\n");
    turn.surroundings.crash("demo: crashed, as it was told to by the command crash");
  },
};

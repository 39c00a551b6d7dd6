import { isModeId, MODES } from "../modes.ts";
import type { Command } from "./command.ts";

export const mode: Command = {
  name: "mode",
  input: "[ask|allow|read-only]",
  description: "Shows the modes of the session, or switches",
  async run(argument, turn) {
    const { session } = turn;
    if (isModeId(argument)) {
      session.modeId = argument;
      await turn.update({ sessionUpdate: "current_mode_update", currentModeId: argument });
      await turn.say(`The mode is ${argument} now.\n`);
      return;
    }
    if (argument !== "") await turn.say(`There is no mode ${argument}.\n`);
    const lines = MODES.map(
      ({ id, description }) => `${id === session.modeId ? "*" : " "} ${id}: ${description}\n`,
    );
    await turn.say(lines.join(""));
  },
};

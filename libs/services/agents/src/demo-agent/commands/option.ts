import { configOptions, withConfigValue } from "../config-options.ts";
import type { Command } from "./command.ts";

export const option: Command = {
  name: "option",
  input: "[<id> <value>]",
  description: "Shows the options of the session, or sets one",
  async run(argument, turn) {
    const { session } = turn;
    const [id = "", value = ""] = argument.split(/\s+/);
    const changed = withConfigValue(session.config, id, value);
    if (changed !== undefined) {
      session.config = changed;
      await turn.update({ sessionUpdate: "config_option_update", configOptions: configOptions(changed) });
      await turn.say(`The option ${id} is ${value} now.\n`);
      return;
    }
    if (argument !== "") await turn.say(`There is no option ${id} with the value ${value}.\n`);
    for (const shown of configOptions(session.config)) {
      const values =
        shown.type === "select" ? shown.options.map((choice) => ("value" in choice ? choice.value : "")) : [];
      await turn.say(`${shown.id} = ${shown.currentValue} (${values.join(", ")}): ${shown.description}\n`);
    }
  },
};

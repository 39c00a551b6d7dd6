import type { Command } from "./command.ts";

/** The help for the given commands. */
export function help(commands: readonly Command[]): Command {
  const self: Command = {
    name: "help",
    input: "",
    description: "Shows the commands",
    async run(_argument, turn) {
      const rows = [self, ...commands].map((command): [string, string] => [
        `${command.name} ${command.input}`.trim(),
        command.description,
      ]);
      const width = Math.max(...rows.map(([usage]) => usage.length));
      const lines = rows.map(([usage, description]) => `    ${usage.padEnd(width)}  ${description}\n`);
      await turn.say(`Commands, as the first word of a prompt:\n\n${lines.join("")}\n`);
      await turn.say("Anything else is answered by “you said: …”.\n");
    },
  };
  return self;
}

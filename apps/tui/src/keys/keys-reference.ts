import { COMMANDS, PLACES, type Place } from "./commands.ts";

/** docs/keys.md: every key of the terminal UI, from the table of commands. */
export function renderKeysReference(): string {
  const sections = (Object.keys(PLACES) as Place[]).map((place) => {
    const rows = COMMANDS.filter(({ where }) => where === place).map(
      ({ id, keys, description }) =>
        `| ${keys.map((key) => `\`${key}\``).join(", ")} | ${description} | \`${id}\` |`,
    );
    return [`## ${PLACES[place]}`, "", "| keys | does | command |", "| --- | --- | --- |", ...rows].join(
      "\n",
    );
  });
  return `${["# Keys of the terminal UI", "Made from `apps/tui/src/keys/commands.ts`.", ...sections].join("\n\n")}\n`;
}

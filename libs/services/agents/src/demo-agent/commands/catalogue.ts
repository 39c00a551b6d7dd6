import type { AvailableCommand } from "@agentclientprotocol/sdk";
import { ask } from "./ask.ts";
import { cat } from "./cat.ts";
import type { Command } from "./command.ts";
import { crash } from "./crash.ts";
import { edit } from "./edit.ts";
import { find } from "./find.ts";
import { help } from "./help.ts";
import { ls } from "./ls.ts";
import { mode } from "./mode.ts";
import { option } from "./option.ts";
import { plan } from "./plan.ts";
import { run } from "./run.ts";
import { slow } from "./slow.ts";
import { think } from "./think.ts";

const COMMANDS: readonly Command[] = [ls, cat, find, run, edit, plan, think, ask, slow, mode, option, crash];

/** All commands, in the order in which the help shows them. */
export const CATALOGUE: readonly Command[] = [help(COMMANDS), ...COMMANDS];

/** The command that a prompt begins with, with or without a slash, and what follows it. */
export function parseCommand(text: string): { command: Command; argument: string } | undefined {
  const match = /^\/?([a-z]+)(?:\s+([\s\S]*))?$/.exec(text);
  const command = CATALOGUE.find((candidate) => candidate.name === match?.[1]);
  return command && { command, argument: (match?.[2] ?? "").trim() };
}

/** The commands as clients show them when a person types a slash. */
export function availableCommands(): AvailableCommand[] {
  return CATALOGUE.map(({ name, description, input }) => ({
    name,
    description,
    ...(input !== "" && { input: { hint: input } }),
  }));
}

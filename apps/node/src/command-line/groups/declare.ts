import type { Command } from "commander";
import type { CommandContext } from "../context.ts";
import { wrongUsage } from "../wrong-usage.ts";

/** A command's work. Resolves with the exit code, or nothing for 0. */
export type Action<Arguments extends unknown[]> = (
  context: CommandContext,
  ...args: Arguments
  // biome-ignore lint/suspicious/noConfusingVoidType: an action that returns nothing is done
) => Promise<number | void>;

/** Runs an action with a context of its own; given by the entry point. */
export type Run = <Arguments extends unknown[]>(
  json: boolean,
  load: () => Promise<Action<Arguments>>,
  ...args: Arguments
) => Promise<void>;

/** Adds the commands of one group to the program. */
export type Group = (program: Command, run: Run) => void;

/** Whether `--json` was given to a command or to the one that it belongs to. */
export function json(command: Command): boolean {
  return command.optsWithGlobals<{ json?: boolean }>().json === true;
}

/** Adds `--json` for a command that prints one document. */
export function printsJson(command: Command): Command {
  return command.option("--json", "print data as JSON");
}

/** Adds `--json` for a command that prints as things happen. */
export function streamsJson(command: Command): Command {
  return command.option("--json", "print data as JSON, an object per line");
}

/** Reads the value of a flag that counts. @throws StatusError "wrong-usage". */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw wrongUsage(`"${text}" is not a whole number`);
  return Number(text);
}

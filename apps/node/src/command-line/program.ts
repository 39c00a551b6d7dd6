import { Command } from "commander";
import { agentGroup } from "./groups/agent-group.ts";
import type { Run } from "./groups/declare.ts";
import { machineGroup } from "./groups/machine-group.ts";
import { memberGroup } from "./groups/member-group.ts";
import { meshGroup } from "./groups/mesh-group.ts";
import { sessionGroup } from "./groups/session-group.ts";

const AFTERWORD = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 local node not running, 4 not allowed, 5 node unreachable, 6 timed out,
7 waits for input, 130 interrupted.
Without a command: the terminal UI on a terminal, this help elsewhere. CLAWMATRIX_HOME says which node is meant.`;

/**
 * The whole command line: every command with its arguments, flags and help. What a command does is loaded when it is
 * run, so that the start of one does not pay for the others.
 */
export function createProgram(version: string, run: Run): Command {
  const program = new Command("clawmatrix")
    .description(
      "Joins the machines on which you run coding agents into one mesh, without a server in the middle.",
    )
    .version(version, "--version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help for a command")
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: false, sortSubcommands: false })
    .addHelpText("after", AFTERWORD);
  for (const group of [meshGroup, memberGroup, agentGroup, sessionGroup, machineGroup]) group(program, run);
  for (const command of allCommands(program)) {
    command.exitOverride().configureOutput({ outputError: () => undefined });
  }
  return program;
}

/** A command and all below it. */
export function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

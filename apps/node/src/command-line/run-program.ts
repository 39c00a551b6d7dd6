import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { CommanderError } from "commander";
import { type CommandContext, createContext } from "./context.ts";
import { ExitCode, exitCodeOf } from "./exit-code.ts";
import type { Run } from "./groups/declare.ts";
import { createOutput } from "./output.ts";
import { createProgram } from "./program.ts";
import { version } from "./program-file.ts";
import { reportError } from "./report-error.ts";
import { wrongUsage } from "./wrong-usage.ts";

/** Runs `clawmatrix` with these arguments; how it went is the process's exit code. */
export async function runProgram(args: readonly string[]): Promise<void> {
  const program = createProgram(version(), runAction);
  // A reader that goes away (`clawmatrix logs | head`) is no failure; the command that runs ends, see its context.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  try {
    if (args.length > 0) await program.parseAsync(args, { from: "user" });
    else if (process.stdout.isTTY === true && process.stdin.isTTY === true)
      await program.parseAsync(["tui"], { from: "user" });
    else program.outputHelp();
  } catch (thrown) {
    process.exitCode = reportUsage(thrown, args.includes("--json"));
  }
}

const runAction: Run = async (json, load, ...args) => {
  const context = createContext(json);
  try {
    const action = await load();
    process.exitCode = (await action(context as CommandContext, ...args)) ?? ExitCode.done;
  } catch (thrown) {
    const error = context.signal.aborted
      ? new StatusError(StatusCode.CANCELLED, "interrupted", { reason: "interrupted", cause: thrown })
      : StatusError.from(thrown);
    reportError(error, context.output);
    if (process.env.CLAWMATRIX_DEBUG === "1") console.error(thrown);
    process.exitCode = exitCodeOf(error);
  } finally {
    await context.dispose();
  }
};

/** What the parser of the command line has thrown, told to the person. Gives the exit code. */
function reportUsage(thrown: unknown, json: boolean): ExitCode {
  if (thrown instanceof StatusError) {
    reportError(thrown, createOutput(json));
    return exitCodeOf(thrown);
  }
  if (!(thrown instanceof CommanderError)) throw thrown;
  // Help and version end by an exception as well, with exit code 0.
  if (thrown.exitCode === 0) return ExitCode.done;
  const [message = "", ...hints] = thrown.message.replace(/^error: /, "").split("\n");
  const hint = hints.join(" ").trim() || "`clawmatrix --help` shows what there is.";
  reportError(wrongUsage(message, hint), createOutput(json));
  return ExitCode.wrongUsage;
}

import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { CommanderError } from "commander";
import { type CommandContext, createContext } from "./command-line/context.ts";
import { ExitCode, exitCodeOf } from "./command-line/exit-code.ts";
import { createOutput } from "./command-line/output.ts";
import { createProgram, type Run } from "./command-line/program.ts";
import { version } from "./command-line/program-file.ts";
import { reportError } from "./command-line/report-error.ts";
import { wrongUsage } from "./command-line/wrong-usage.ts";

const run: Run = async (json, load, ...args) => {
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

// A reader that goes away (`clawmatrix logs | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(process.exitCode ?? ExitCode.done);
  throw error;
});

const program = createProgram(version(), run);
const args = process.argv.slice(2);
try {
  if (args.length > 0) await program.parseAsync(args, { from: "user" });
  else if (process.stdout.isTTY === true && process.stdin.isTTY === true)
    await program.parseAsync(["tui"], { from: "user" });
  else process.stdout.write(program.helpInformation());
} catch (thrown) {
  if (!(thrown instanceof CommanderError)) throw thrown;
  // Help and version end by an exception as well, with exit code 0.
  if (thrown.exitCode === 0) process.exitCode = ExitCode.done;
  else {
    const [message = "", ...hints] = thrown.message.replace(/^error: /, "").split("\n");
    const hint = hints.join(" ").trim() || "`clawmatrix --help` shows what there is.";
    reportError(wrongUsage(message, hint), createOutput(args.includes("--json")));
    process.exitCode = ExitCode.wrongUsage;
  }
}

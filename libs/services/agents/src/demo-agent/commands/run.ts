import type { Timer } from "@clawmatrix/environment";
import { messageOf, ToolFailure } from "../failures.ts";
import { requirePermission } from "../permission.ts";
import { TailBuffer } from "../tail-buffer.ts";
import { shorten, showBytes } from "../text-bounds.ts";
import { type ToolCall, textContent, withToolCall } from "../tool-call.ts";
import type { Turn } from "../turn.ts";
import { type Command, sayUsage } from "./command.ts";

/** The end of a command's output, of both kinds together, that is kept and shown when it has ended. */
const MAX_OUTPUT_BYTES = 262_144;
/** The end of it that is shown while it runs: each update carries it whole, so it has to be small. */
const MAX_LIVE_BYTES = 8_192;
/** How often it is shown while it runs. */
const LIVE_INTERVAL_MS = 100;
/** Characters of the command in the title. */
const MAX_TITLE_CHARACTERS = 200;

export const run: Command = {
  name: "run",
  input: "<command>",
  description: "Runs a shell command, having asked you, and shows its output as it comes",
  async run(argument, turn) {
    if (argument === "") return sayUsage(run, turn, "run git status");
    const { cwd } = turn.session;
    const title = shorten(`run ${argument}`, MAX_TITLE_CHARACTERS);
    await withToolCall(
      turn,
      { title, kind: "execute", rawInput: { command: argument, cwd } },
      async (call) => {
        await requirePermission(turn, call, "execute");
        turn.throwIfCancelled();
        await call.begin();
        const output = new TailBuffer(MAX_OUTPUT_BYTES);
        const live = liveOutput(turn, call, output);
        const end = await turn.surroundings.commands
          .run({
            command: argument,
            cwd,
            signal: turn.signal,
            clock: turn.surroundings.clock,
            onOutput: (bytes) => {
              output.append(bytes);
              live.changed();
            },
          })
          .catch((error: unknown) => {
            throw new ToolFailure(`The command could not be started: ${messageOf(error)}`, { cause: error });
          })
          .finally(() => live.stop());
        turn.throwIfCancelled();
        const truncated = output.total > MAX_OUTPUT_BYTES;
        const note = truncated
          ? `… the first ${showBytes(output.total - MAX_OUTPUT_BYTES)} are not shown\n`
          : "";
        const ending = end.exitCode === null ? `killed by ${end.signal}` : `exit code ${end.exitCode}`;
        return {
          content: [textContent(note + output.text(MAX_OUTPUT_BYTES))],
          rawOutput: { exitCode: end.exitCode, signal: end.signal, outputBytes: output.total, truncated },
          summary: ending,
          ...(end.exitCode !== 0 && { failure: ending }),
        };
      },
    );
  },
};

/** Shows the end of the output while the command runs, at most once per interval. */
function liveOutput(turn: Turn, call: ToolCall, output: TailBuffer): { changed(): void; stop(): void } {
  let timer: Timer | undefined;
  const show = (): void => {
    timer = undefined;
    // Fails only when the client is gone, which ends the turn anyway.
    call.show([textContent(output.text(MAX_LIVE_BYTES, true))]).catch(() => turn.cancel());
  };
  return {
    changed() {
      timer ??= turn.surroundings.clock.schedule(LIVE_INTERVAL_MS, show);
    },
    stop: () => timer?.cancel(),
  };
}

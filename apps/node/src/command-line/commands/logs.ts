import { findNode, requireReachable } from "@clawmatrix/client";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-code.ts";
import { renderLogLine } from "../log-line.ts";
import { readStatus } from "./status.ts";

export interface LogsOptions {
  readonly follow?: boolean;
  readonly lines: number;
  readonly node?: string;
}

/** `clawmatrix logs`: the log of this node, whether or not it runs, or of another one that grants it. */
export async function logs(context: CommandContext, options: LogsOptions): Promise<number> {
  const { output, signal } = context;
  const groups =
    options.node === undefined ? await ofThisNode(context, options) : await ofNode(context, options);
  try {
    for await (const lines of groups) {
      for (const line of lines) output.line(output.json ? asJson(line) : renderLogLine(line, output));
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
  return signal.aborted ? ExitCode.interrupted : ExitCode.done;
}

async function ofThisNode(
  { paths, clock, signal }: CommandContext,
  { lines, follow = false }: LogsOptions,
): Promise<AsyncIterable<string[]>> {
  const { tailLog } = await import("@clawmatrix/diagnostics");
  return tailLog({ file: paths.logFile, lines, follow, clock, signal });
}

async function ofNode(
  context: CommandContext,
  { lines, follow = false, node: text = "" }: LogsOptions,
): Promise<AsyncIterable<string[]>> {
  const node = findNode(await readStatus(context), text);
  requireReachable(node);
  const connection = await context.connect();
  const client = connection.diagnostics(node.status === undefined ? undefined : node.id);
  const responses = client.tailLog({ lines, follow }, { signal: context.signal });
  return linesOf(responses);
}

async function* linesOf(responses: AsyncIterable<{ lines: string[] }>): AsyncGenerator<string[]> {
  for await (const { lines } of responses) yield lines;
}

/** Each line of the output is JSON, also where the log holds something else. */
function asJson(line: string): string {
  try {
    JSON.parse(line);
    return line;
  } catch {
    // The last words of a crash are text.
    return JSON.stringify({ msg: line });
  }
}

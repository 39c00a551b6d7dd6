import { listInbox, watchInbox } from "@clawmatrix/client";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-code.ts";
import { formatDuration, harmless } from "../format.ts";
import { type InboxEntry, inboxEntry } from "../inbox/inbox-entry.ts";
import type { Output } from "../output.ts";
import { readStatus } from "./status.ts";

export interface InboxOptions {
  readonly watch?: boolean;
}

/** `clawmatrix inbox`: what waits for a person anywhere in the mesh; with `--watch`, whole again at every change. */
export async function inbox(context: CommandContext, { watch = false }: InboxOptions): Promise<number> {
  const { output, signal, clock } = context;
  const connection = await context.connect();
  const onMissing = (node: { name: string }, error: Error): void =>
    output.note(`what waits on ${node.name} is missing: ${error.message}`);
  if (!watch) {
    const items = await listInbox(connection, { status: await readStatus(context), signal, onMissing });
    show(items.map(inboxEntry), output, clock.now());
    return ExitCode.done;
  }
  for await (const items of watchInbox(connection, { signal, onMissing })) {
    show(items.map(inboxEntry), output, clock.now());
  }
  return ExitCode.interrupted;
}

function show(entries: readonly InboxEntry[], output: Output, now: number): void {
  if (output.json) return output.document(entries);
  if (entries.length === 0) return output.line("Nothing waits for you.");
  for (const entry of entries) output.line(describe(entry, output, now));
}

function describe({ id, kind, node, agent, text, options, since }: InboxEntry, output: Output, now: number) {
  const who = agent === undefined ? `admission, asked at ${node}` : `${kind} of ${agent}@${node}`;
  const age = formatDuration(Math.max(0, now - Date.parse(since)));
  const lines = harmless(text)
    .split("\n")
    .map((line) => `  ${line}`);
  const choices = options.map(({ name }, index) => `${index + 1} ${harmless(name)}`).join("   ");
  return [
    `${output.style("bold", id)}  ${who}, for ${age}`,
    ...lines,
    `  ${output.style("dim", `clawmatrix answer ${id} ${choices === "" ? "TEXT" : `CHOICE    ${choices}`}`)}`,
  ].join("\n");
}

import { findNode, requireReachable } from "@clawmatrix/client";
import { type AuditEntry, AuditOutcome } from "@clawmatrix/protocol";
import { shownId } from "../../json/node-json.ts";
import type { CommandContext } from "../context.ts";
import { renderTable } from "../table.ts";
import { readStatus } from "./status.ts";

/** Entries that the node gives at once. */
const PAGE = 1_000;

export interface AuditOptions {
  readonly lines: number;
  readonly node?: string;
}

/** `clawmatrix logs --audit`: who was refused what on a node, and who used its tools and terminals. Oldest first. */
export async function audit(context: CommandContext, options: AuditOptions): Promise<void> {
  const { output } = context;
  const entries = (await readEntries(context, options)).reverse();
  if (output.json) {
    for (const entry of entries) output.document(entryJson(entry));
    return;
  }
  if (entries.length === 0)
    return output.line("Nothing was refused, and nobody has used a tool or terminal.");
  const rows = entries.map((entry) => [
    timeOf(entry),
    whoOf(entry),
    outcomeName(entry.outcome),
    entry.action,
    entry.detail,
  ]);
  output.line(renderTable(["TIME", "WHO", "OUTCOME", "WHAT", "WHY"], rows));
}

async function readEntries(
  context: CommandContext,
  { lines, node: text }: AuditOptions,
): Promise<AuditEntry[]> {
  const { signal } = context;
  const connection = await context.connect();
  const node = text === undefined ? undefined : findNode(await readStatus(context), text);
  if (node !== undefined) requireReachable(node);
  const client = connection.diagnostics(node?.status === undefined ? undefined : node.id);
  const entries: AuditEntry[] = [];
  while (entries.length < lines) {
    const limit = Math.min(PAGE, lines - entries.length);
    const before = entries.at(-1)?.id ?? 0n;
    const page = (await client.readAudit({ limit, before }, { signal })).entries;
    entries.push(...page);
    if (page.length < limit) break;
  }
  return entries;
}

function entryJson(entry: AuditEntry): object {
  return {
    time: timeOf(entry),
    node: entry.name === "" ? null : entry.name,
    nodeId: entry.node.length === 0 ? null : shownId(entry.node),
    action: entry.action,
    outcome: outcomeName(entry.outcome),
    detail: entry.detail,
  };
}

function timeOf({ timeUnixMs }: AuditEntry): string {
  return new Date(Number(timeUnixMs)).toISOString();
}

function whoOf({ node, name }: AuditEntry): string {
  if (node.length === 0) return name;
  const id = shownId(node).slice(0, 9);
  return name === "" ? id : `${name} (${id})`;
}

function outcomeName(outcome: AuditOutcome): "allowed" | "denied" | "failed" {
  if (outcome === AuditOutcome.ALLOWED) return "allowed";
  return outcome === AuditOutcome.FAILED ? "failed" : "denied";
}

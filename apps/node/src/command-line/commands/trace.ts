import { findNode } from "@clawmatrix/client";
import { nodeIdToBytes } from "@clawmatrix/identity";
import type { TraceHop } from "@clawmatrix/protocol";
import { shownId } from "../../json/node-json.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-code.ts";
import { formatMilliseconds } from "../format.ts";
import type { Output } from "../output.ts";
import { renderTable } from "../table.ts";
import { readStatus } from "./status.ts";

/** `clawmatrix trace NODE`: the way of a packet to a node, and the time to each hop. */
export async function trace(context: CommandContext, text: string): Promise<number> {
  const { output, signal } = context;
  const node = findNode(await readStatus(context), text);
  const connection = await context.connect();
  const { hops } = await connection.diagnostics().trace({ destination: nodeIdToBytes(node.id) }, { signal });
  if (output.json) output.document({ hops: hops.map(hopJson) });
  else if (hops.length === 0) output.line(`${node.name} is this node.`);
  else output.line(describe(hops, output));
  return hops.at(-1)?.why ? ExitCode.nodeUnreachable : ExitCode.done;
}

function describe(hops: readonly TraceHop[], output: Output): string {
  const rows = hops.map(({ id, name, rttMs, why }, index) => [
    String(index + 1),
    name,
    shownId(id).slice(0, 9),
    rttMs > 0 ? formatMilliseconds(rttMs) : "",
    why === "" ? "" : output.style("red", why),
  ]);
  return renderTable(["HOP", "NODE", "ID", "TIME", ""], rows);
}

function hopJson({ id, name, rttMs, why }: TraceHop): object {
  return {
    id: shownId(id),
    name,
    rttMs: rttMs === 0 ? null : Math.round(rttMs * 100) / 100,
    ...(why === "" ? {} : { why }),
  };
}

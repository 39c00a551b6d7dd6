import { findNode } from "@clawmatrix/client";
import { nodeIdToBytes } from "@clawmatrix/identity";
import { type MeshStatus, NodeReach, type NodeStatus } from "@clawmatrix/protocol";
import { nodeJson, reachName, shownId } from "../../json/node-json.ts";
import type { CommandContext } from "../context.ts";
import { formatMilliseconds } from "../format.ts";
import type { Output } from "../output.ts";
import { renderTable } from "../table.ts";
import { readStatus } from "./status.ts";

/** `clawmatrix nodes`: all nodes of the mesh, and the routes to them. */
export async function listNodes(context: CommandContext): Promise<void> {
  const mesh = await readStatus(context);
  if (context.output.json) context.output.document(mesh.nodes.map(nodeJson));
  else context.output.line(describeNodes(mesh, context.output));
}

/** `clawmatrix nodes forget NODE`. */
export async function forgetNode(context: CommandContext, text: string): Promise<void> {
  const node = findNode(await readStatus(context), text);
  const connection = await context.connect();
  await connection.local().forgetNode({ id: nodeIdToBytes(node.id) }, { signal: context.signal });
  const { output } = context;
  if (output.json) output.document({ id: shownId(nodeIdToBytes(node.id)), name: node.name });
  else output.note(`${node.name} is forgotten until it comes back.`);
}

/** The nodes as a table for people. */
export function describeNodes(mesh: MeshStatus, output: Output): string {
  if (mesh.nodes.length === 0) {
    return "No other nodes yet. `clawmatrix invite` prints a line that takes a machine into the mesh.";
  }
  const rows = mesh.nodes.map((node) => [
    node.nameConflict ? output.style("yellow", `${node.name} (not the only one)`) : node.name,
    shownId(node.id).slice(0, 9),
    describeReach(node, output),
    node.rttMs > 0 ? formatMilliseconds(node.rttMs) : "",
    node.agents.map(({ id }) => id).join(", "),
  ]);
  return renderTable(["NODE", "ID", "ROUTE", "TIME", "AGENTS"], rows);
}

function describeReach(node: NodeStatus, output: Output): string {
  switch (node.reach) {
    case NodeReach.DIRECT:
      return output.style("green", "direct");
    case NodeReach.RELAYED:
      return output.style("cyan", `via ${node.viaName}, ${node.hops} hops`);
    default:
      return output.style("red", reachName(node.reach)) + (node.why === "" ? "" : ` (${node.why})`);
  }
}

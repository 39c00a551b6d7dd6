import { AgentState, MemberState, type MeshStatus } from "@clawmatrix/protocol";
import { statusJson } from "../../json/node-json.ts";
import type { CommandContext } from "../context.ts";
import { formatDuration } from "../format.ts";
import type { Output } from "../output.ts";
import { describeNodes } from "./nodes.ts";

const STANDING: Readonly<Record<MemberState, string>> = {
  [MemberState.UNSPECIFIED]: "member",
  [MemberState.ADMITTED]: "member",
  [MemberState.PENDING]: "waits for admission",
  [MemberState.REVOKED]: "revoked",
};

/** `clawmatrix status`: this node, and the mesh around it. */
export async function status(context: CommandContext): Promise<void> {
  const mesh = await readStatus(context);
  if (context.output.json) context.output.document(statusJson(mesh));
  else describe(mesh, context.output);
}

/** What the local node knows of itself and of the mesh. */
export async function readStatus({ connect, signal }: CommandContext): Promise<MeshStatus> {
  const { status } = await (await connect()).diagnostics().getStatus({}, { signal });
  if (status === undefined) throw new Error("the node answered without a status");
  return status;
}

function describe(mesh: MeshStatus, output: Output): void {
  const role = mesh.founder ? "founder" : STANDING[mesh.membership];
  output.line(
    `${output.style("bold", mesh.name)}  ${role}, version ${mesh.softwareVersion}, up for ${formatDuration(Number(mesh.uptimeMs))}`,
  );
  if (mesh.addresses.length > 0) output.line(`listens on ${mesh.addresses.join(", ")}`);
  if (mesh.agents.length > 0) {
    const names = mesh.agents.map(({ id, state }) => (state === AgentState.FAILED ? `${id} (failed)` : id));
    output.line(`agents: ${names.join(", ")}; ${mesh.sessions} live sessions`);
  }
  if (mesh.pendingMembers > 0) output.line(`${mesh.pendingMembers} nodes wait to be let in`);
  for (const warning of mesh.warnings) output.line(`${output.style("yellow", "warning:")} ${warning}`);
  output.line();
  output.line(describeNodes(mesh, output));
}

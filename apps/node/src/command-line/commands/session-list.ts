import { findAgent, findNode, listMeshSessions } from "@clawmatrix/client";
import type { MeshStatus, SessionInfo } from "@clawmatrix/protocol";
import { agentAtNode, sessionJson, sessionStateName } from "../../json/session-json.ts";
import type { CommandContext } from "../context.ts";
import { formatDuration, shorten } from "../format.ts";
import { renderTable } from "../table.ts";
import { readStatus } from "./status.ts";

export interface ListSessionsOptions {
  readonly agent?: string;
  readonly limit?: number;
}

const LONGEST_TITLE = 60;

/** `clawmatrix session list`: the sessions of all nodes, newest first. */
export async function listSessions(context: CommandContext, options: ListSessionsOptions): Promise<void> {
  const { output, signal, clock } = context;
  const status = await readStatus(context);
  const sessions = await listMeshSessions(await context.connect(), {
    status,
    signal,
    ...filterOf(status, options.agent),
    ...(options.limit === undefined ? {} : { limit: options.limit }),
    onMissing: (node, error) => output.note(`the sessions of ${node.name} are missing: ${error.message}`),
  });
  if (output.json) return output.document(sessions.map((session) => sessionJson(session, status)));
  if (sessions.length === 0)
    return output.line(
      "No sessions yet. `clawmatrix run AGENT@NODE TASK` or `clawmatrix session new` begins one.",
    );
  output.line(
    renderTable(
      ["SESSION", "AGENT", "STATE", "AGE", "TITLE"],
      sessions.map((session) => row(session, status, clock.now())),
    ),
  );
}

/** "coder@server" means that agent there; "coder" that agent wherever it is. */
function filterOf(status: MeshStatus, agent: string | undefined) {
  if (agent === undefined) return {};
  const at = agent.lastIndexOf("@");
  if (at === -1) return { agentId: agent };
  if (at === 0) return { node: findNode(status, agent.slice(1)) };
  const { agentId, node } = findAgent(status, agent);
  return { agentId, node };
}

function row(session: SessionInfo, status: MeshStatus, now: number): string[] {
  return [
    session.id,
    agentAtNode(session, status),
    sessionStateName(session.state),
    formatDuration(Math.max(0, now - Number(session.updatedAtUnixMs))),
    shorten(session.title === "" ? session.description : session.title, LONGEST_TITLE),
  ];
}

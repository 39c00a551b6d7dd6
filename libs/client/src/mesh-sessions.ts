import { type NodeId, nodeIdFromBytes } from "@clawmatrix/identity";
import { type MeshStatus, type SessionInfo, StatusCode, StatusError } from "@clawmatrix/protocol";
import { type FoundNode, isReachable, nodesOf } from "./find-node.ts";
import type { NodeConnection } from "./node-connection.ts";

/** Rows that one request for a page asks for. */
const PAGE_ROWS = 500;
/** How long a node may take to list its sessions before the list goes on without it, in milliseconds. */
const NODE_TIMEOUT_MS = 10_000;
/** Characters of a session's id that must be given at least. */
const SHORTEST_PREFIX = 4;

export interface ListMeshSessionsOptions {
  readonly status: MeshStatus;
  /** Only on this node. Default: on all that are reachable. */
  readonly node?: FoundNode;
  readonly agentId?: string;
  /** At most so many, the newest. Default: all. */
  readonly limit?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called for each node that could not be asked; its sessions are missing from the list. */
  readonly onMissing?: (node: FoundNode, error: StatusError) => void;
}

/** The sessions of all nodes, newest first. */
export async function listMeshSessions(
  connection: NodeConnection,
  options: ListMeshSessionsOptions,
): Promise<SessionInfo[]> {
  const nodes = options.node === undefined ? nodesOf(options.status).filter(isReachable) : [options.node];
  const lists = await Promise.all(
    nodes.map((node) =>
      listOfNode(connection, node.id, options).catch((error: unknown) => {
        if (options.signal?.aborted === true || options.node !== undefined) throw error;
        options.onMissing?.(node, StatusError.from(error));
        return [];
      }),
    ),
  );
  const all = lists.flat().sort((a, b) => Number(b.updatedAtUnixMs - a.updatedAtUnixMs));
  return options.limit === undefined ? all : all.slice(0, options.limit);
}

/**
 * The session that a person means by its id or the beginning of it.
 * @throws StatusError NOT_FOUND "unknown-session", INVALID_ARGUMENT "ambiguous-session".
 */
export async function findSession(
  connection: NodeConnection,
  text: string,
  options: Pick<ListMeshSessionsOptions, "status" | "signal">,
): Promise<{ session: SessionInfo; node: NodeId }> {
  const missing: string[] = [];
  const all = await listMeshSessions(connection, {
    ...options,
    onMissing: (node) => missing.push(node.name),
  });
  const exact = all.filter(({ id }) => id === text);
  const found =
    exact.length > 0 || text.length < SHORTEST_PREFIX ? exact : all.filter(({ id }) => id.startsWith(text));
  if (found.length === 1) return { session: found[0]!, node: nodeIdFromBytes(found[0]!.node) };
  if (found.length > 1) {
    throw new StatusError(
      StatusCode.INVALID_ARGUMENT,
      `${found.length} sessions have ids that begin with "${text}"`,
      {
        reason: "ambiguous-session",
        hint: "Give more of the id.",
      },
    );
  }
  const unreachable = nodesOf(options.status)
    .filter((node) => !isReachable(node))
    .map(({ name }) => name);
  const unasked = [...missing, ...unreachable];
  throw new StatusError(StatusCode.NOT_FOUND, `there is no session "${text}" that you may see`, {
    reason: "unknown-session",
    hint:
      unasked.length === 0
        ? "See `clawmatrix session list`."
        : `Not asked, since they cannot be reached: ${unasked.join(", ")}.`,
  });
}

async function listOfNode(
  connection: NodeConnection,
  node: NodeId,
  { agentId = "", limit = Number.POSITIVE_INFINITY, signal }: ListMeshSessionsOptions,
): Promise<SessionInfo[]> {
  const client = connection.agents(node);
  const sessions: SessionInfo[] = [];
  let cursor = "";
  do {
    const page = await client.listSessions(
      { agentId, cursor, limit: Math.min(PAGE_ROWS, limit) },
      { timeoutMs: NODE_TIMEOUT_MS, signal },
    );
    sessions.push(...page.sessions);
    cursor = page.nextCursor;
  } while (cursor !== "" && sessions.length < limit);
  return sessions;
}

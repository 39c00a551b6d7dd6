import { formatNodeId, type NodeId, nodeIdFromBytes } from "@clawmatrix/identity";
import {
  MemberRole,
  type MeshStatus,
  type PendingMember,
  StatusError,
  type WaitingInput,
} from "@clawmatrix/protocol";
import { type FoundNode, isReachable, nodesOf } from "./find-node.ts";
import type { NodeConnection } from "./node-connection.ts";

/** How long a node may take to say what waits there before the list goes on without it, in milliseconds. */
const NODE_TIMEOUT_MS = 10_000;

/** Something in the mesh that waits for a person, and the node on which it waits. */
export type InboxItem = {
  readonly id: string;
  readonly node: FoundNode;
  /** Milliseconds since 1970. */
  readonly since: number;
} & (
  | { readonly kind: "permission" | "question"; readonly input: WaitingInput }
  | { readonly kind: "admission"; readonly pending: PendingMember }
);

export interface ListInboxOptions {
  readonly status: MeshStatus;
  readonly signal?: AbortSignal | undefined;
  /** Called for each node that could not be asked; what waits there is missing from the list. */
  readonly onMissing?: (node: FoundNode, error: StatusError) => void;
}

/** Everything in the mesh that this node's person may answer, oldest first. Admissions only where this node is an operator's. */
export async function listInbox(connection: NodeConnection, options: ListInboxOptions): Promise<InboxItem[]> {
  const [inputs, admissions] = await Promise.all([
    ofAllNodes(options, (node) => waitingOf(connection, node, options)),
    isOperator(connection, options).then((operator) =>
      operator ? listAdmissions(connection, options) : ([] as InboxItem[]),
    ),
  ]);
  return [...inputs, ...admissions].sort((a, b) => a.since - b.since);
}

/** The nodes that wait to be let in, wherever they have asked; each once, oldest first. */
export async function listAdmissions(
  connection: NodeConnection,
  options: ListInboxOptions,
): Promise<(InboxItem & { kind: "admission" })[]> {
  const { signal } = options;
  const all = await ofAllNodes(options, async (node) => {
    // Each node says in its record whom it keeps waiting: only those have to be asked.
    if (node.status?.waiting.length === 0) return [];
    const call = { timeoutMs: NODE_TIMEOUT_MS, signal };
    const { pending } = await connection.members(targetOf(node)).listPending({}, call);
    return pending.map((request) => ({
      kind: "admission" as const,
      id: formatNodeId(nodeIdFromBytes(request.id)),
      node,
      since: Number(request.sinceUnixMs),
      pending: request,
    }));
  });
  const byId = new Map<string, (typeof all)[number]>();
  for (const item of all.sort((a, b) => a.since - b.since)) {
    if (!byId.has(item.id)) byId.set(item.id, item);
  }
  return [...byId.values()];
}

async function waitingOf(
  connection: NodeConnection,
  node: FoundNode,
  { signal }: ListInboxOptions,
): Promise<InboxItem[]> {
  const call = { timeoutMs: NODE_TIMEOUT_MS, signal };
  const { inputs } = await connection.agents(targetOf(node)).listWaiting({}, call);
  return inputs.map((input) => ({
    kind: input.question ? "question" : "permission",
    id: input.id,
    node,
    since: Number(input.sinceUnixMs),
    input,
  }));
}

async function isOperator(
  connection: NodeConnection,
  { status, signal }: ListInboxOptions,
): Promise<boolean> {
  if (status.founder) return true;
  const { members } = await connection.members().listMembers({}, { signal });
  const self = nodeIdFromBytes(status.id);
  return members.some(({ id, role }) => nodeIdFromBytes(id) === self && role === MemberRole.OPERATOR);
}

async function ofAllNodes<Item>(
  { status, signal, onMissing }: ListInboxOptions,
  ask: (node: FoundNode) => Promise<Item[]>,
): Promise<Item[]> {
  const lists = await Promise.all(
    nodesOf(status)
      .filter(isReachable)
      .map((node) =>
        ask(node).catch((error: unknown) => {
          if (signal?.aborted === true) throw error;
          onMissing?.(node, StatusError.from(error));
          return [];
        }),
      ),
  );
  return lists.flat();
}

/** A node's own calls need no target: so they work also before it belongs to a mesh. */
function targetOf({ id, status }: FoundNode): NodeId | undefined {
  return status === undefined ? undefined : id;
}

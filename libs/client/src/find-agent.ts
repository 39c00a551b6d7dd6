import { type AgentOffer, type MeshStatus, StatusCode, StatusError } from "@clawmatrix/protocol";
import { type FoundNode, findNode, isReachable, nodesOf } from "./find-node.ts";

/** An agent that a person named, and the node that offers it. */
export interface FoundAgent {
  readonly agentId: string;
  readonly node: FoundNode;
}

/**
 * The agent that `text` means: AGENT@NODE; or AGENT, which is the agent of that id here, else on the nearest node that
 * offers it.
 * @throws StatusError NOT_FOUND "unknown-node" or "unknown-agent", UNAVAILABLE "unreachable".
 */
export function findAgent(status: MeshStatus, text: string): FoundAgent {
  const at = text.lastIndexOf("@");
  const agentId = at === -1 ? text : text.slice(0, at);
  if (agentId === "") {
    throw new StatusError(StatusCode.INVALID_ARGUMENT, `"${text}" names no agent`, {
      reason: "wrong-usage",
      hint: "Write AGENT or AGENT@NODE, for example demo@server.",
    });
  }
  if (at === -1) return { agentId, node: nearestWith(status, agentId) };
  const node = findNode(status, text.slice(at + 1));
  requireReachable(node);
  requireOffer(status, node, agentId);
  return { agentId, node };
}

/** @throws StatusError UNAVAILABLE "unreachable", saying why as far as it is known. */
export function requireReachable(node: FoundNode): void {
  if (isReachable(node)) return;
  const why = node.status?.why ?? "";
  throw new StatusError(
    StatusCode.UNAVAILABLE,
    `node ${node.name} cannot be reached${why === "" ? "" : `: ${why}`}`,
    {
      reason: "unreachable",
      hint: "Is it running (`clawmatrix up` there), and does a node that both know run as well? See `clawmatrix nodes`.",
    },
  );
}

/** What a node offers, as the local node knows it. */
export function agentsOf(status: MeshStatus, node: FoundNode): readonly AgentOffer[] {
  return node.status === undefined ? status.agents : node.status.agents;
}

function requireOffer(status: MeshStatus, node: FoundNode, agentId: string): void {
  const offers = agentsOf(status, node);
  if (offers.some(({ id }) => id === agentId)) return;
  throw new StatusError(StatusCode.NOT_FOUND, `node ${node.name} offers no agent "${agentId}"`, {
    reason: "unknown-agent",
    hint:
      offers.length === 0
        ? "It offers none at all; add one there with `clawmatrix agents add`."
        : `It offers: ${offers.map(({ id }) => id).join(", ")}.`,
  });
}

function nearestWith(status: MeshStatus, agentId: string): FoundNode {
  const offering = nodesOf(status).filter((node) => agentsOf(status, node).some(({ id }) => id === agentId));
  const [nearest] = offering.filter(isReachable).sort((a, b) => distance(a) - distance(b));
  if (nearest !== undefined) return nearest;
  if (offering[0] !== undefined) requireReachable(offering[0]);
  const known = new Set(
    nodesOf(status).flatMap((node) => agentsOf(status, node).map(({ id }) => `${id}@${node.name}`)),
  );
  throw new StatusError(StatusCode.NOT_FOUND, `no node of the mesh offers an agent "${agentId}"`, {
    reason: "unknown-agent",
    hint:
      known.size === 0
        ? "No agents are known; add one with `clawmatrix agents add`."
        : `Known: ${[...known].join(", ")}.`,
  });
}

/** Hops first, then time: a relay more costs more than its milliseconds. */
function distance({ status }: FoundNode): number {
  return status === undefined ? -1 : status.hops * 1e6 + status.rttMs;
}

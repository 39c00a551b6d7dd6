import type { NodeId } from "@clawmatrix/identity";
import { reachableFrom } from "../world/reachable-from.ts";
import type { Participant, RunningWorld } from "../world/running-world.ts";

/** Packets pass at most so many links. */
const MOST_HOPS = 16;

/** What one member does not know yet of what it could know, or knows wrong; undefined: nothing. */
export function missingKnowledge(running: RunningWorld): string | undefined {
  const members = running.informedMembers();
  const byId = new Map(running.members().map((member) => [member.node.nodeId, member]));
  for (const member of members) {
    for (const other of reachableFrom(member, members)) {
      const why = missingAbout(member, other);
      if (why !== undefined) return `${member.host} ${why} ${other.host}`;
      const way = wayTo(member, other, byId);
      if (way.at(-1) !== other.host) return `a packet to ${other.host} goes ${way.join(", ")}`;
    }
  }
  return undefined;
}

function missingAbout({ node: self }: Participant, { node: other }: Participant): string | undefined {
  const { nodeId } = other;
  if (!self.mesh.isReachable(nodeId)) return "knows no route to";
  if (self.mesh.node(nodeId)?.kept.version !== other.mesh.node(nodeId)?.kept.version)
    return "has no current record of";
  if (Buffer.compare(self.membership.summary(), other.membership.summary()) !== 0) {
    return "does not know the same decisions as";
  }
  return undefined;
}

/** The hosts that a packet passes: follows the routes hop by hop. */
function wayTo(from: Participant, to: Participant, byId: ReadonlyMap<NodeId, Participant>): string[] {
  const way = [from.host];
  let at: Participant | undefined = from;
  while (at !== undefined && at !== to && way.length <= MOST_HOPS) {
    const via: NodeId | undefined = at.node.mesh.node(to.node.nodeId)?.via;
    at = via === undefined ? undefined : byId.get(via);
    way.push(at?.host ?? "nowhere");
  }
  return way;
}

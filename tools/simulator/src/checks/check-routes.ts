import type { NodeId } from "@clawmatrix/identity";
import type { Participant, RunningWorld } from "../world/running-world.ts";
import { reachableFrom } from "./reachable-from.ts";
import type { Violation } from "./violation.ts";

/** Packets pass at most so many links. */
const MOST_HOPS = 16;

/** What one member does not know yet of what it could know; undefined: nothing is missing. */
export function missingKnowledge(running: RunningWorld): string | undefined {
  const members = running.informedMembers();
  for (const member of members) {
    for (const other of reachableFrom(member, members)) {
      const why = missingAbout(member, other);
      if (why !== undefined) return `${member.host} ${why} ${other.host}`;
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

/** Follows each route hop by hop, once all know all: it has to arrive. */
export function checkRoutes(running: RunningWorld): Violation[] {
  const members = running.informedMembers();
  const byId = new Map(members.map((member) => [member.node.nodeId, member]));
  const found: Violation[] = [];
  for (const member of members) {
    for (const other of reachableFrom(member, members)) {
      const way = [member.host];
      let at: Participant | undefined = member;
      while (at !== undefined && at !== other && way.length <= MOST_HOPS) {
        const via: NodeId | undefined = at.node.mesh.node(other.node.nodeId)?.via;
        at = via === undefined ? undefined : byId.get(via);
        way.push(at?.host ?? "nowhere");
      }
      if (at !== other)
        found.push({ invariant: "routes", what: `a packet to ${other.host} goes ${way.join(", ")}` });
    }
  }
  return found;
}

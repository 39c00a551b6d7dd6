import { nodeIdFromKeys } from "@clawmatrix/identity";
import type { RunningWorld } from "../world/running-world.ts";
import type { Violation } from "./violation.ts";

/** Holds the world to P1 and P2: everybody is who they are, and nobody is in who does not belong. */
export function checkMembership(running: RunningWorld): Violation[] {
  const found: Violation[] = [];
  const p2 = (what: string): void => void found.push({ invariant: "P2", what });
  const members = running.informedMembers();
  const outside = running.participants.filter(
    ({ role, node }) => role === "stranger" || running.isRevoked(node),
  );
  for (const { host, node } of members) {
    for (const { id, record } of node.mesh.nodes()) {
      if (nodeIdFromKeys(record.signingKey, record.agreementKey) !== id) {
        found.push({ invariant: "P1", what: `${host} knows a node under an id that is not its own` });
      }
    }
    if (node.application.uninvited > 0)
      p2(`${host} executed ${node.application.uninvited} calls of no member`);
    for (const other of outside) {
      if (node.mesh.node(other.identity.nodeId) !== undefined)
        p2(`${host} keeps the record of ${other.host}`);
      const link = node.mesh.neighbours().find(({ id }) => id === other.identity.nodeId);
      if (link?.isFellow === true) p2(`${host} takes ${other.host} for a member`);
      if (link !== undefined && running.isRevoked(other.node))
        p2(`${host} has a link with ${other.host}, which was revoked`);
    }
  }
  for (const { host, node, role, secret } of outside) {
    if (role !== "stranger" || !node.isRunning) continue;
    const known = node.mesh.nodes().length - 1;
    if (known > 0) p2(`${host}, a stranger, has learned of ${known} nodes`);
    const links = node.mesh.neighbours().length;
    if (links > 0 && secret !== members[0]?.secret)
      p2(`${host}, without the mesh secret, has ${links} links`);
  }
  return found;
}

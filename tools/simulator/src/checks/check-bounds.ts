import type { RunningWorld } from "../world/running-world.ts";
import type { Violation } from "./violation.ts";

/** What a link may hold back for a peer that does not read: its queue and its connection, in bytes. */
const MOST_QUEUED_BYTES = 5 * 1024 * 1024;
/** Handshakes of links, and of channels, at once. */
const MOST_HANDSHAKES = 64;
const MOST_UNFINISHED = 1_024;

/** Looks at what peers can fill, at any moment (P7). */
export function checkBounds(running: RunningWorld): Violation[] {
  const found: Violation[] = [];
  const p7 = (what: string): void => void found.push({ invariant: "P7", what });
  for (const { node, host } of running.participants) {
    if (!node.isRunning) continue;
    for (const { queuedBytes } of node.mesh.neighbours()) {
      if (queuedBytes > MOST_QUEUED_BYTES) p7(`${host} keeps ${queuedBytes} bytes for one peer`);
    }
    if (node.mesh.pendingHandshakes > MOST_HANDSHAKES)
      p7(`${host} has ${node.mesh.pendingHandshakes} handshakes`);
    if (node.channels.unfinished > MOST_UNFINISHED)
      p7(`${host} opens ${node.channels.unfinished} channels at once`);
    const known = node.mesh.nodes().length;
    if (known > running.participants.length) p7(`${host} knows ${known} nodes, more than there are`);
  }
  return found;
}

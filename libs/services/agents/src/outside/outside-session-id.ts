import { createHash } from "node:crypto";
import type { SessionSource } from "@clawmatrix/protocol";
import { uniqueId } from "../sessions/unique-id.ts";

/**
 * The id in the mesh of a session that was not opened through it: the same for the same node, source and key, whenever it
 * is listed, so that it can be named before and after it was taken up. Nothing of the key can be read off it.
 */
export function outsideSessionId(nodeId: string, source: SessionSource, key: string): string {
  const digest = createHash("sha256")
    .update(JSON.stringify(["clawmatrix session", nodeId, source, key]))
    .digest();
  return uniqueId({ bytes: (length) => digest.subarray(0, length) });
}

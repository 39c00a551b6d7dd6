import { isDeepStrictEqual } from "node:util";
import type { NodeConfiguration } from "@clawmatrix/config";

/** The top-level keys that differ. */
export function changedKeys(before: NodeConfiguration, after: NodeConfiguration): string[] {
  const keys = Object.keys(after) as (keyof NodeConfiguration)[];
  return keys.filter((key) => !isDeepStrictEqual(before[key], after[key]));
}

/** The changed keys that take effect only when the node is started again: what is bound, and what links agreed on. */
export function needsRestart(before: NodeConfiguration, after: NodeConfiguration): string[] {
  return [
    ...(isDeepStrictEqual(before.mesh.listen, after.mesh.listen) ? [] : ["mesh.listen"]),
    ...((before.mesh.tls === undefined) === (after.mesh.tls === undefined) ? [] : ["mesh.certificate"]),
    ...(before.mesh.relay === after.mesh.relay ? [] : ["mesh.relay"]),
    ...(before.mesh.heartbeatMs === after.mesh.heartbeatMs ? [] : ["mesh.heartbeat"]),
    ...(isDeepStrictEqual(before.gateway.listen, after.gateway.listen) ? [] : ["gateway.listen"]),
  ];
}

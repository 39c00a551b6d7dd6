import { PermissionPolicy } from "@clawmatrix/protocol";

export type PermissionFlag = "ask" | "allow" | "deny" | "reads";

const POLICIES: Readonly<Record<PermissionFlag, PermissionPolicy>> = {
  ask: PermissionPolicy.ASK,
  allow: PermissionPolicy.ALLOW,
  deny: PermissionPolicy.DENY,
  reads: PermissionPolicy.READS,
};

/** What `--permission` says, as calls carry it. */
export function permissionPolicy(flag: PermissionFlag): PermissionPolicy {
  return POLICIES[flag];
}

import { PermissionPolicy } from "@clawmatrix/protocol";
import type { PermissionDefault } from "../agent-settings.ts";

/** Undefined where the client leaves it to the agent's settings, or names a policy of a newer version. */
export function policyOf(policy: PermissionPolicy): PermissionDefault | undefined {
  switch (policy) {
    case PermissionPolicy.ASK:
      return "ask";
    case PermissionPolicy.ALLOW:
      return "allow";
    case PermissionPolicy.DENY:
      return "deny";
    case PermissionPolicy.READS:
      return "reads";
    default:
      return undefined;
  }
}

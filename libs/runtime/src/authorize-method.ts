import { type Caller, type MethodType, StatusCode, StatusError } from "@clawmatrix/protocol";
import type { AuditTrail } from "./audit-trail.ts";
import type { Grants } from "./grants.ts";

/** Grants that are given or not, whatever the request says. */
const WHOLE_GRANTS: readonly string[] = ["diagnostics", "terminal"];

export interface AuthorizeMethodOptions {
  readonly grants: Pick<Grants, "allows">;
  readonly audit: Pick<AuditTrail, "used">;
}

/**
 * Whether a caller may call a method at all; undefined: yes. Methods whose grant concerns one agent, session or tool are checked
 * by their service, which knows which.
 */
export function authorizeMethod(
  caller: Caller,
  { grant, name }: MethodType,
  { grants, audit }: AuthorizeMethodOptions,
): StatusError | undefined {
  if (!WHOLE_GRANTS.includes(grant)) return undefined;
  if (grants.allows(caller, grant)) {
    if (grant === "terminal") audit.used(caller, grant, name);
    return undefined;
  }
  return new StatusError(StatusCode.PERMISSION_DENIED, `your node may not use ${name} on this node`, {
    reason: "not-granted",
    hint: `A [[grants]] rule with "${grant}" in this node's configuration allows it.`,
  });
}

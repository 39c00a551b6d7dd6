import type { PermissionDefault } from "../agent-settings.ts";
import type { PathSurroundings } from "./follow-path.ts";
import type { PermissionRule } from "./permission-rule.ts";

/** What the settings of an agent say of the permissions that it asks for, in one session. */
export interface PermissionSettings extends PathSurroundings {
  /** What holds where neither a rule nor the client says anything. */
  readonly policy: PermissionDefault;
  /** The first that matches decides. */
  readonly rules: readonly PermissionRule[];
}

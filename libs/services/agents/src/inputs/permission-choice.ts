import { isJsonObject, type JsonObject } from "@clawmatrix/acp-wire";
import type { PermissionDefault } from "../agent-settings.ts";

export interface PermissionOption {
  readonly optionId: string;
  /** ACP's kind; empty where the agent gave none. */
  readonly kind: string;
}

/** What ACP calls these changes nothing. */
const READING_KINDS: ReadonlySet<string> = new Set(["read", "search", "fetch", "think"]);

/** The options of a permission request, as far as they can be chosen. */
export function optionsOf(request: JsonObject): PermissionOption[] {
  if (!Array.isArray(request.options)) return [];
  return request.options.flatMap((option: unknown) => {
    if (!isJsonObject(option) || typeof option.optionId !== "string") return [];
    return [{ optionId: option.optionId, kind: typeof option.kind === "string" ? option.kind : "" }];
  });
}

/**
 * What a policy answers by itself: an option, "cancelled" where it denies and there is no option for that, or undefined
 * where a person has to be asked. Once goes before always: a policy speaks for one turn. Only options whose kind says
 * that they allow are taken to allow.
 */
export function choiceOfPolicy(
  policy: PermissionDefault,
  options: readonly PermissionOption[],
  toolKind: string | undefined,
): PermissionOption | "cancelled" | undefined {
  const first = (...kinds: string[]): PermissionOption | undefined =>
    kinds
      .map((kind) => options.find((option) => option.kind === kind))
      .find((option) => option !== undefined);
  switch (policy) {
    case "allow":
      return first("allow_once", "allow_always");
    case "deny":
      return first("reject_once", "reject_always") ?? "cancelled";
    case "reads":
      return READING_KINDS.has(toolKind ?? "") ? first("allow_once", "allow_always") : undefined;
    case "ask":
      return undefined;
  }
}

import { isJsonObject, type JsonObject } from "@clawmatrix/acp-wire";
import type { Decision } from "./decide-permission.ts";

export interface PermissionOption {
  readonly optionId: string;
  /** ACP's kind; empty where the agent gave none. */
  readonly kind: string;
}

/** The options of a permission request, as far as they can be chosen. */
export function optionsOf(request: JsonObject): PermissionOption[] {
  if (!Array.isArray(request.options)) return [];
  return request.options.flatMap((option: unknown) => {
    if (!isJsonObject(option) || typeof option.optionId !== "string") return [];
    return [{ optionId: option.optionId, kind: typeof option.kind === "string" ? option.kind : "" }];
  });
}

/**
 * What answers a permission request as was decided: an option, "cancelled" where it is denied and there is no option for
 * that, or undefined where a person has to be asked. Once goes before always: what decides speaks for one call. Only
 * options whose kind says that they allow are taken to allow.
 */
export function choiceOf(
  decision: Decision,
  options: readonly PermissionOption[],
): PermissionOption | "cancelled" | undefined {
  const first = (...kinds: string[]): PermissionOption | undefined =>
    kinds
      .map((kind) => options.find((option) => option.kind === kind))
      .find((option) => option !== undefined);
  switch (decision) {
    case "allow":
      return first("allow_once", "allow_always");
    case "deny":
      return first("reject_once", "reject_always") ?? "cancelled";
    case "ask":
      return undefined;
  }
}

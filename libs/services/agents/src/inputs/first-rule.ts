import { type FollowedPath, followPath, type PathSurroundings } from "./follow-path.ts";
import { type MatchMode, matchesText } from "./match-text.ts";
import { PathPattern } from "./path-pattern.ts";
import type { PermissionRule } from "./permission-rule.ts";
import type { ToolCallFacts } from "./tool-call-facts.ts";

export interface FoundRule {
  readonly rule: PermissionRule;
  /** Its place in the configuration, from 1. */
  readonly number: number;
}

/** ACP's kind of what has none. */
const NO_KIND = "other";

/**
 * The first rule that matches a tool call. What denies or asks matches if anything of the call does, what allows only if all
 * of it does: the command and not its title, every file. Of what cannot be looked at (too long, not to be followed) a
 * rule that denies or asks takes the worst.
 */
export async function firstRule(
  rules: readonly PermissionRule[],
  call: ToolCallFacts,
  surroundings: PathSurroundings,
): Promise<FoundRule | undefined> {
  const named = [...new Set([...(call.locations ?? []), ...(call.diffs ?? [])])];
  let followed: Promise<FollowedPath[]> | undefined;
  const files = (): Promise<FollowedPath[]> => {
    followed ??= Promise.all(named.map((path) => followPath(path, surroundings)));
    return followed;
  };
  for (const [index, rule] of rules.entries()) {
    const mode: MatchMode = rule.action === "allow" ? "cautious" : "eager";
    if (rule.kinds !== undefined && !rule.kinds.includes(call.kind ?? NO_KIND)) continue;
    if (rule.title !== undefined && !hasText(rule.title, call, mode)) continue;
    if (rule.path !== undefined) {
      const pattern = await PathPattern.of(rule.path, surroundings);
      if (!hasFiles(pattern, await files(), call, mode)) continue;
    }
    return { rule, number: index + 1 };
  }
  return undefined;
}

function hasText(
  pattern: string,
  { command, title, tooLong = false }: ToolCallFacts,
  mode: MatchMode,
): boolean {
  if (tooLong) return mode === "eager";
  const texts = mode === "eager" ? [command, title] : [command ?? title];
  return texts.some((text) => text !== undefined && matchesText(pattern, text, mode));
}

function hasFiles(
  pattern: PathPattern,
  files: readonly FollowedPath[],
  { tooLong = false }: ToolCallFacts,
  mode: MatchMode,
): boolean {
  if (tooLong) return mode === "eager";
  const matches = (file: FollowedPath): boolean => pattern.matches(file, mode);
  return mode === "eager" ? files.some(matches) : files.length > 0 && files.every(matches);
}

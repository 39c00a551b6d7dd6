import type { AgentCommand } from "../state/session-settings.ts";
import { fitLine, type Line, span } from "../text/line.ts";

/** Commands that are shown at once; the others come as more is typed. */
const MAX_SHOWN = 6;

/** What a slash and the letters after it can become, above the prompt. */
export function layoutCompletion(commands: readonly AgentCommand[], width: number): Line[] {
  const usages = commands.slice(0, MAX_SHOWN).map(({ name, hint }) => `/${name} ${hint}`.trimEnd());
  const columns = Math.max(0, ...usages.map((usage) => usage.length));
  const lines = usages.map((usage, index) =>
    fitLine(
      [span(`  ${usage.padEnd(columns)}`, "accent"), span(`  ${commands[index]?.description}`, "dim")],
      width,
    ),
  );
  const more = commands.length - usages.length;
  return more > 0 ? [...lines, [span(`  … ${more} more; tab completes`, "dim")]] : lines;
}

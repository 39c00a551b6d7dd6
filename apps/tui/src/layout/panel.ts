import { fitLine, type Line, span, spread } from "../text/line.ts";
import type { PanePlace } from "./screen-layout.ts";

export interface Panel {
  readonly title: Line;
  /** Whether keys go here. */
  readonly focused: boolean;
  /** The lines inside, from the top; at most as many as fit. */
  readonly lines: readonly Line[];
}

/** A framed pane with its title in the upper edge: as many rows of as many columns as its place has. */
export function layoutPanel({ columns, inner }: PanePlace, { title, focused, lines }: Panel): Line[] {
  const edge = focused ? "accent" : "dim";
  const top = spread(
    [span("┌ ", edge), ...fitLine(title, columns - 4), span(" ")],
    [span("┐", edge)],
    columns,
    span("─", edge),
  );
  const rows = Array.from({ length: inner.height }, (_, index): Line => {
    const content = fitLine(lines[index] ?? [], inner.width);
    return spread([span("│ ", edge), ...content], [span(" │", edge)], columns);
  });
  return [top, ...rows, [span(`└${"─".repeat(columns - 2)}┘`, edge)]];
}

import { Box, Text } from "ink";
import type { ReactNode } from "react";
import type { PanePlace } from "../layout/screen-layout.ts";
import { fitLine, type Line, span, spread } from "../text/line.ts";
import { Lines } from "./lines.tsx";
import { usePainter } from "./paint-context.ts";

export interface PanelProps {
  readonly place: PanePlace;
  readonly title: Line;
  /** Whether keys go here. */
  readonly focused: boolean;
  /** The lines inside, from the top; at most as many as fit. */
  readonly lines: readonly Line[];
}

/** A framed pane with its title in the upper edge. */
export function Panel({ place, title, focused, lines }: PanelProps): ReactNode {
  const paint = usePainter();
  const { columns, inner } = place;
  const edge = focused ? "accent" : "dim";
  const rows = Array.from({ length: inner.height }, (_, index): Line => {
    const content = fitLine(lines[index] ?? [], inner.width);
    return spread([span("│ ", edge), ...content], [span(" │", edge)], columns);
  });
  const top = spread(
    [span("┌ ", edge), ...fitLine(title, columns - 4), span(" ")],
    [span("┐", edge)],
    columns,
    span("─", edge),
  );
  return (
    <Box flexDirection="column" width={columns}>
      <Text wrap="truncate">{paint(top)}</Text>
      <Lines lines={rows} />
      <Text wrap="truncate">{paint([span(`└${"─".repeat(columns - 2)}┘`, edge)])}</Text>
    </Box>
  );
}

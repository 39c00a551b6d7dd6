import { Box, Text } from "ink";
import type { ReactNode } from "react";
import type { Line } from "../text/line.ts";
import { usePainter } from "./paint-context.ts";

export interface LinesProps {
  /** Already no wider than their place. */
  readonly lines: readonly Line[];
}

/** Lines below each other, each of one row: what does not fit is cut, so that nothing moves what is below. */
export function Lines({ lines }: LinesProps): ReactNode {
  const paint = usePainter();
  const rows = lines.map((line) => paint(line));
  return (
    <Box flexDirection="column">
      {rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place on the screen, whatever stands in it.
        <Box key={index} height={1}>
          <Text wrap="truncate">{row === "" ? " " : row}</Text>
        </Box>
      ))}
    </Box>
  );
}

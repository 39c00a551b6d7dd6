import { Box } from "ink";
import type { ReactNode } from "react";
import { MIN_COLUMNS, MIN_ROWS } from "../layout/screen-layout.ts";
import { line } from "../text/line.ts";
import { wrapWords } from "../text/wrap.ts";
import { Lines } from "./lines.tsx";

export interface TooSmallProps {
  readonly columns: number;
  readonly rows: number;
}

/** Says how large the terminal has to be. It may be very small. */
export function TooSmall({ columns, rows }: TooSmallProps): ReactNode {
  const text = `This terminal is ${columns}×${rows}; ClawMatrix needs ${MIN_COLUMNS}×${MIN_ROWS}. Make it larger, or leave with ctrl-c.`;
  return (
    <Box height={rows} width={columns}>
      <Lines lines={wrapWords(line(text), columns).slice(0, rows)} />
    </Box>
  );
}

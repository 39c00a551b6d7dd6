import { Box, Text, useCursor } from "ink";
import { memo, type ReactNode } from "react";
import type { Surroundings } from "../control/handlers.ts";
import { useKeyboard } from "../hooks/use-keyboard.ts";
import { useStore } from "../hooks/use-store.ts";
import { useTerminalSize } from "../hooks/use-terminal-size.ts";
import { layoutPicture } from "../layout/picture.ts";
import type { Painter } from "../look/tones.ts";

export interface AppProps {
  readonly surroundings: Surroundings;
  readonly painter: Painter;
}

/** The whole screen: rows that are laid out already. */
export function App({ surroundings, painter }: AppProps): ReactNode {
  const { store, window } = surroundings;
  useTerminalSize(store);
  useKeyboard(surroundings);
  const state = useStore(store);
  const { setCursorPosition } = useCursor();
  const { rows, cursor } = layoutPicture(state, window);
  setCursorPosition(cursor);
  return (
    <Box flexDirection="column" width={state.columns} height={state.rows}>
      {rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place on the screen, whatever stands in it.
        <Row key={index} text={painter(row)} />
      ))}
    </Box>
  );
}

/** One row: what does not fit is cut, so that nothing moves what is below. */
const Row = memo(function Row({ text }: { readonly text: string }): ReactNode {
  return (
    <Box height={1}>
      <Text wrap="truncate">{text === "" ? " " : text}</Text>
    </Box>
  );
});

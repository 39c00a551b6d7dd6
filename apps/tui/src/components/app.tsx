import { Box, useCursor } from "ink";
import type { ReactNode } from "react";
import type { Surroundings } from "../control/handlers.ts";
import { useKeyboard } from "../hooks/use-keyboard.ts";
import { useStore } from "../hooks/use-store.ts";
import { useTerminalSize } from "../hooks/use-terminal-size.ts";
import { cursorPlace } from "../layout/cursor.ts";
import { layoutHeader } from "../layout/header.ts";
import { layoutScreen } from "../layout/screen-layout.ts";
import { layoutStatusLine } from "../layout/status-line.ts";
import type { Painter } from "../look/tones.ts";
import { Body } from "./body.tsx";
import { Lines } from "./lines.tsx";
import { PaintProvider } from "./paint-context.ts";
import { TooSmall } from "./too-small.tsx";

export interface AppProps {
  readonly surroundings: Surroundings;
  readonly painter: Painter;
}

/** The whole screen. */
export function App({ surroundings, painter }: AppProps): ReactNode {
  const { store, window } = surroundings;
  useTerminalSize(store);
  useKeyboard(surroundings);
  const state = useStore(store);
  const { setCursorPosition } = useCursor();
  const layout = layoutScreen(state);
  setCursorPosition(layout === undefined ? undefined : cursorPlace(state, layout));
  if (layout === undefined) return <TooSmall columns={state.columns} rows={state.rows} />;
  return (
    <PaintProvider value={painter}>
      <Box flexDirection="column" width={state.columns} height={state.rows}>
        <Lines lines={[layoutHeader(state, state.columns)]} />
        <Body state={state} layout={layout} window={window} />
        <Lines lines={[layoutStatusLine(state, state.columns)]} />
      </Box>
    </PaintProvider>
  );
}

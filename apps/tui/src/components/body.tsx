import type { ReactNode } from "react";
import { layoutDialog } from "../layout/dialogs.ts";
import { layoutNodes } from "../layout/node-list.ts";
import type { ScreenLayout } from "../layout/screen-layout.ts";
import { layoutConnection } from "../layout/waiting.ts";
import type { TranscriptWindow } from "../layout/window.ts";
import type { ScreenState } from "../state/screen.ts";
import { line } from "../text/line.ts";
import { Panel } from "./panel.tsx";
import { SessionsTab } from "./sessions-tab.tsx";

export interface BodyProps {
  readonly state: ScreenState;
  readonly layout: ScreenLayout;
  readonly window: TranscriptWindow;
}

/** What is between header and status line: a dialog, what is waited for, or the tab. */
export function Body({ state, layout, window }: BodyProps): ReactNode {
  const { whole } = layout;
  if (state.dialog !== undefined) {
    const { title, lines } = layoutDialog(state, state.dialog, whole.inner);
    return <Panel place={whole} title={line(title, "strong")} focused={true} lines={lines} />;
  }
  const waiting = layoutConnection(state, whole.inner.width);
  if (waiting !== undefined)
    return <Panel place={whole} title={line("ClawMatrix")} focused={true} lines={waiting} />;
  if (state.tab === "nodes") {
    return (
      <Panel
        place={whole}
        title={line("Nodes", "strong")}
        focused={true}
        lines={layoutNodes(state, whole.inner)}
      />
    );
  }
  return <SessionsTab state={state} layout={layout} window={window} />;
}

import type { ReactNode } from "react";
import type { PanePlace } from "../layout/screen-layout.ts";
import { layoutSessionList } from "../layout/session-list.ts";
import type { ScreenState } from "../state/screen.ts";
import { line } from "../text/line.ts";
import { Panel } from "./panel.tsx";

export interface SessionListPaneProps {
  readonly state: ScreenState;
  readonly place: PanePlace;
}

/** The sessions of all nodes. */
export function SessionListPane({ state, place }: SessionListPaneProps): ReactNode {
  const focused = state.focus === "list" || state.focus === "filter";
  return (
    <Panel
      place={place}
      title={line("Sessions", focused ? "strong" : undefined)}
      focused={focused}
      lines={layoutSessionList(state, place.inner)}
    />
  );
}

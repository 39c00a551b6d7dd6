import { Box } from "ink";
import type { ReactNode } from "react";
import type { ScreenLayout } from "../layout/screen-layout.ts";
import type { TranscriptWindow } from "../layout/window.ts";
import type { ScreenState } from "../state/screen.ts";
import { NoSessionPane } from "./no-session-pane.tsx";
import { SessionListPane } from "./session-list-pane.tsx";
import { SessionPane } from "./session-pane.tsx";

export interface SessionsTabProps {
  readonly state: ScreenState;
  readonly layout: ScreenLayout;
  readonly window: TranscriptWindow;
}

/** The list and the open session, beside each other where both fit. */
export function SessionsTab({ state, layout, window }: SessionsTabProps): ReactNode {
  const { list, session } = layout;
  return (
    <Box>
      {list !== undefined && <SessionListPane state={state} place={list} />}
      {session !== undefined &&
        (state.open === undefined ? (
          <NoSessionPane place={session} />
        ) : (
          <SessionPane state={state} open={state.open} place={session} window={window} />
        ))}
    </Box>
  );
}

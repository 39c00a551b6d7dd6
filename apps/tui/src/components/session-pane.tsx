import type { ReactNode } from "react";
import type { PanePlace } from "../layout/screen-layout.ts";
import { divideSessionPane, editorLines, sessionTitle } from "../layout/session-pane.ts";
import type { TranscriptWindow } from "../layout/window.ts";
import { nodeName } from "../state/mesh-view.ts";
import type { OpenSession } from "../state/open-session.ts";
import type { ScreenState } from "../state/screen.ts";
import type { Line } from "../text/line.ts";
import { Panel } from "./panel.tsx";

export interface SessionPaneProps {
  readonly state: ScreenState;
  readonly open: OpenSession;
  readonly place: PanePlace;
  readonly window: TranscriptWindow;
}

/** A session: its transcript, what waits for the person, the prompt. */
export function SessionPane({ state, open, place, window }: SessionPaneProps): ReactNode {
  const { inner } = place;
  const pane = divideSessionPane(open, inner, state.nowMs);
  const options = {
    width: inner.width,
    height: pane.transcriptHeight,
    opened: open.opened,
    chosen: open.chosen,
    nowMs: state.nowMs,
  };
  const transcript = window.lines(open.transcript, open.scroll, options);
  const blank: Line[] = Array.from({ length: pane.transcriptHeight - transcript.length }, () => []);
  return (
    <Panel
      place={place}
      title={sessionTitle(open, nodeName(state.mesh, open.node), state.home)}
      focused={state.focus === "session" || state.focus === "transcript"}
      lines={[...transcript, ...blank, ...pane.foot, ...editorLines(pane)]}
    />
  );
}

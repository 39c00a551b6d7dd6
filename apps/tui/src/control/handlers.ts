import type { SessionActions } from "../data/session-actions.ts";
import type { CommandId } from "../keys/commands.ts";
import type { TranscriptWindow } from "../layout/window.ts";
import type { OpenSession } from "../state/open-session.ts";
import { changeOpen, type ScreenState } from "../state/screen.ts";
import type { Store } from "../state/store.ts";

/** What commands act on. */
export interface Surroundings {
  readonly store: Store<ScreenState>;
  readonly actions: SessionActions;
  readonly window: TranscriptWindow;
  /** Ends the terminal UI. */
  readonly quit: () => void;
  /** Draws every character of the screen again. */
  readonly redraw: () => void;
}

export type Handler = (surroundings: Surroundings) => void;
export type Handlers<Ids extends CommandId> = Readonly<Record<Ids, Handler>>;

/** A command that only changes the state. */
export function changing(change: (state: ScreenState) => ScreenState): Handler {
  return ({ store }) => store.update(change);
}

/** A command that only changes the open session. */
export function changingOpen(change: (open: OpenSession) => OpenSession): Handler {
  return changing((state) => changeOpen(state, change));
}

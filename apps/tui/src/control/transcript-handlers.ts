import { layoutScreen } from "../layout/screen-layout.ts";
import { divideSessionPane, transcriptOptions } from "../layout/session-pane.ts";
import type { WindowOptions } from "../layout/window.ts";
import { completed } from "../state/command-completion.ts";
import type { OpenSession } from "../state/open-session.ts";
import { changeOpen, type ScreenState } from "../state/screen.ts";
import { changing, changingOpen, type Handler, type Handlers, type Surroundings } from "./handlers.ts";

type TranscriptCommands =
  | "transcript.focus"
  | "transcript.toggle-last"
  | "transcript.page-up"
  | "transcript.page-down"
  | "item.up"
  | "item.down"
  | "item.toggle"
  | "item.leave"
  | "item.top"
  | "item.end"
  | "item.page-up"
  | "item.page-down"
  | "item.close";

/** Lines that stay in view when a page is turned. */
const PAGE_OVERLAP = 2;

/** Scrolling, and what can be opened in the transcript. */
export const transcriptHandlers: Handlers<TranscriptCommands> = {
  "transcript.focus": (surroundings) => {
    const { open } = surroundings.store.state;
    const completion = open === undefined ? undefined : completed(open);
    if (completion !== undefined)
      return surroundings.store.update((state) => ({ ...state, open: completion }));
    const last = surroundings.store.state.open?.transcript.foldableBefore(Number.POSITIVE_INFINITY);
    surroundings.store.update((state) => ({ ...state, focus: "transcript" }));
    if (last !== undefined) choose(surroundings, last);
  },
  "transcript.toggle-last": changingOpen((open) => {
    const last = open.transcript.foldableBefore(Number.POSITIVE_INFINITY);
    return last === undefined ? open : toggle(open, last);
  }),
  "transcript.page-up": paging(-1),
  "transcript.page-down": paging(1),
  "item.up": (surroundings) => step(surroundings, -1),
  "item.down": (surroundings) => step(surroundings, 1),
  "item.toggle": changingOpen((open) => (open.chosen === undefined ? open : toggle(open, open.chosen))),
  "item.leave": changing((state) =>
    changeOpen({ ...state, focus: "session" }, (open) => ({ ...open, chosen: undefined })),
  ),
  "item.top": changingOpen((open) => ({ ...open, scroll: { item: open.transcript.first, line: 0 } })),
  "item.end": changingOpen((open) => ({ ...open, scroll: undefined })),
  "item.page-up": paging(-1),
  "item.page-down": paging(1),
  "item.close": changing((state) =>
    changeOpen({ ...state, focus: "list" }, (open) => ({ ...open, chosen: undefined })),
  ),
};

/** How the transcript of the open session is laid out now. */
export function windowOptions(state: ScreenState, open: OpenSession): WindowOptions | undefined {
  const inner = layoutScreen(state)?.session?.inner;
  if (inner === undefined) return undefined;
  const { transcriptHeight } = divideSessionPane(open, inner, state.nowMs);
  return transcriptOptions(open, inner.width, transcriptHeight, state.nowMs);
}

function paging(direction: -1 | 1): Handler {
  return ({ store, window }) =>
    store.update((state) =>
      changeOpen(state, (open) => {
        const options = windowOptions(state, open);
        if (options === undefined) return open;
        const lines = direction * Math.max(1, options.height - PAGE_OVERLAP);
        return { ...open, scroll: window.scrolled(open.transcript, open.scroll, lines, options) };
      }),
    );
}

/** To the next item that can be opened; without one, a line. */
function step(surroundings: Surroundings, direction: -1 | 1): void {
  const { store, window } = surroundings;
  const { open } = store.state;
  if (open === undefined) return;
  const from = open.chosen ?? open.transcript.end;
  const next = direction < 0 ? open.transcript.foldableBefore(from) : open.transcript.foldableAfter(from);
  if (next !== undefined) return choose(surroundings, next);
  const options = windowOptions(store.state, open);
  if (options === undefined) return;
  const scroll = window.scrolled(open.transcript, open.scroll, direction, options);
  store.update((state) => changeOpen(state, (current) => ({ ...current, scroll })));
}

function choose({ store, window }: Surroundings, item: number): void {
  store.update((state) =>
    changeOpen(state, (open) => {
      const options = windowOptions(state, open);
      if (options === undefined) return open;
      return { ...open, chosen: item, scroll: window.showing(open.transcript, open.scroll, item, options) };
    }),
  );
}

function toggle(open: OpenSession, item: number): OpenSession {
  const opened = new Set(open.opened);
  if (!opened.delete(item)) opened.add(item);
  return { ...open, opened };
}

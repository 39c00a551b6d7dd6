import type { ScreenState } from "../state/screen.ts";
import { type Line, span } from "../text/line.ts";
import { wrapWords } from "../text/wrap.ts";

/** What stands beside the list until a session is opened. */
export function layoutNoSession(state: ScreenState, width: number): Line[] {
  return [
    [],
    [span("enter", "accent"), span("  opens the chosen session")],
    [span("n", "accent"), span("      new session with an agent of the mesh")],
    [span("?", "accent"), span("      all keys")],
    ...layoutNotice(state, width),
  ];
}

/** What stands in a session in which nothing was said yet. */
export function layoutWelcome(state: ScreenState, width: number): Line[] {
  return state.open?.phase === "live" || state.open?.phase === "opening" ? layoutNotice(state, width) : [];
}

/** What whoever started the terminal UI has to say. */
export function layoutNotice({ notice }: ScreenState, width: number): Line[] {
  if (notice.length === 0) return [];
  return [[], ...notice.flatMap((text) => wrapWords([span(text, "dim")], width))];
}

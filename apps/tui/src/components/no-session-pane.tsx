import type { ReactNode } from "react";
import type { PanePlace } from "../layout/screen-layout.ts";
import { type Line, line, span } from "../text/line.ts";
import { Panel } from "./panel.tsx";

const HINTS: readonly Line[] = [
  [],
  [span("enter", "accent"), span("  opens the chosen session")],
  [span("n", "accent"), span("      new session with an agent of the mesh")],
  [span("?", "accent"), span("      all keys")],
];

/** What stands beside the list until a session is opened. */
export function NoSessionPane({ place }: { readonly place: PanePlace }): ReactNode {
  return <Panel place={place} title={line("no session open", "dim")} focused={false} lines={HINTS} />;
}

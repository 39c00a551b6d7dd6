import type { NodeId } from "@clawmatrix/identity";
import type { MeshStatus } from "@clawmatrix/protocol";
import type { Dialog } from "./dialog.ts";
import { isReachable, type MeshView, nodeName, viewMesh } from "./mesh-view.ts";
import type { OpenSession, Problem } from "./open-session.ts";
import {
  EMPTY_SESSION_LIST,
  ofNodes,
  type SessionList,
  type SessionRow,
  sortedSessions,
} from "./session-list.ts";

export type TabId = "sessions" | "nodes";

/** The tabs in the order of their numbers. */
export const TABS: readonly { readonly id: TabId; readonly title: string }[] = [
  { id: "sessions", title: "Sessions" },
  { id: "nodes", title: "Nodes" },
];

/** How the screen stands with the local node. */
export type ConnectionView =
  | { readonly phase: "connecting" }
  | { readonly phase: "connected" }
  | { readonly phase: "waiting"; readonly problem: Problem; readonly nextAtMs: number };

/** Who gets the keys on the sessions tab. */
export type Focus = "list" | "filter" | "session" | "transcript";

/** Everything that the screen shows. Changed by pure functions, drawn by components. */
export interface ScreenState {
  readonly nowMs: number;
  readonly columns: number;
  readonly rows: number;
  readonly connection: ConnectionView;
  readonly mesh: MeshView | undefined;
  readonly sessions: SessionList;
  readonly tab: TabId;
  readonly focus: Focus;
  readonly filter: string;
  /** Id of the chosen session; undefined: the first. */
  readonly chosenSession: string | undefined;
  readonly chosenNode: NodeId | undefined;
  readonly open: OpenSession | undefined;
  readonly dialog: Dialog | undefined;
  /** What went wrong outside of a session. */
  readonly problem: Problem | undefined;
  /** The home directory of the person, which paths are shown relative to. */
  readonly home: string;
  /** What whoever started the terminal UI has to say, in paragraphs. */
  readonly notice: readonly string[];
}

export interface InitialScreen {
  readonly nowMs: number;
  readonly columns: number;
  readonly rows: number;
  readonly home: string;
  readonly notice: readonly string[];
}

export function initialScreen(initial: InitialScreen): ScreenState {
  return {
    ...initial,
    connection: { phase: "connecting" },
    mesh: undefined,
    sessions: EMPTY_SESSION_LIST,
    tab: "sessions",
    focus: "list",
    filter: "",
    chosenSession: undefined,
    chosenNode: undefined,
    open: undefined,
    dialog: undefined,
    problem: undefined,
  };
}

/** The mesh as the local node describes it now. Sessions of nodes that are away leave the list. */
export function withStatus(state: ScreenState, status: MeshStatus, nowMs: number): ScreenState {
  const mesh = viewMesh(state.mesh, status, nowMs);
  const reachable = new Set(mesh.nodes.filter(isReachable).map(({ id }) => id));
  const away = state.open !== undefined && !reachable.has(state.open.node);
  return {
    ...changeOpen(state, (open) => ({ ...open, away: away ? nodeName(mesh, open.node) : "" })),
    nowMs,
    mesh,
    sessions: ofNodes(state.sessions, reachable),
    connection: { phase: "connected" },
  };
}

/** The rows of the list, as filtered. */
export function visibleSessions({ sessions, filter, mesh }: ScreenState): readonly SessionRow[] {
  return sortedSessions(sessions, filter, (node) => nodeName(mesh, node));
}

/** The chosen row; the first where the chosen one is not there. */
export function chosenRow(state: ScreenState): SessionRow | undefined {
  const rows = visibleSessions(state);
  return rows.find(({ id }) => id === state.chosenSession) ?? rows[0];
}

/** The row `delta` below the chosen one. */
export function moveChoice(state: ScreenState, delta: number): ScreenState {
  const rows = visibleSessions(state);
  const at = Math.max(
    0,
    rows.findIndex(({ id }) => id === state.chosenSession),
  );
  const row = rows[Math.min(rows.length - 1, Math.max(0, at + delta))];
  return row === undefined ? state : { ...state, chosenSession: row.id };
}

export function moveNodeChoice(state: ScreenState, delta: number): ScreenState {
  const nodes = state.mesh?.nodes ?? [];
  const at = Math.max(
    0,
    nodes.findIndex(({ id }) => id === state.chosenNode),
  );
  const node = nodes[Math.min(nodes.length - 1, Math.max(0, at + delta))];
  return node === undefined ? state : { ...state, chosenNode: node.id };
}

/** Changes the open session; nothing where none is open. */
export function changeOpen(state: ScreenState, change: (open: OpenSession) => OpenSession): ScreenState {
  if (state.open === undefined) return state;
  const open = change(state.open);
  return open === state.open ? state : { ...state, open };
}

/** Whether something on the screen tells of running time: then it is drawn more often. */
export function isTicking({ open, connection }: ScreenState): boolean {
  if (connection.phase !== "connected") return true;
  return (
    open !== undefined &&
    (open.transcript.turn !== undefined || open.phase === "opening" || open.sending !== undefined)
  );
}

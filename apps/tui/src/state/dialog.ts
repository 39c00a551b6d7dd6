import type { NodeId } from "@clawmatrix/identity";
import { type Editor, EMPTY_EDITOR } from "./editor.ts";
import { isReachable, type MeshView } from "./mesh-view.ts";
import type { SessionRow } from "./session-list.ts";

/** An agent that a session can be opened with. */
export interface AgentChoice {
  readonly agent: string;
  readonly node: NodeId;
  readonly nodeName: string;
  readonly description: string;
  readonly state: "ready" | "busy" | "failed";
}

/** What covers the panes until it is answered. */
export type Dialog =
  | { readonly kind: "help"; readonly top: number }
  | { readonly kind: "new-session"; readonly chosen: number; readonly directory: Editor }
  | { readonly kind: "close-session"; readonly row: SessionRow };

export const HELP_DIALOG: Dialog = Object.freeze({ kind: "help", top: 0 });
export const NEW_SESSION_DIALOG: Dialog = Object.freeze({
  kind: "new-session",
  chosen: 0,
  directory: EMPTY_EDITOR,
});

/** The agents of all reachable nodes, by name. */
export function agentChoices(mesh: MeshView | undefined): AgentChoice[] {
  return (mesh?.nodes ?? []).filter(isReachable).flatMap((node) =>
    node.agents.map(({ id, description, state }) => ({
      agent: id,
      node: node.id,
      nodeName: node.name,
      description,
      state,
    })),
  );
}

import type { NodeId } from "@clawmatrix/identity";
import { type Editor, EMPTY_EDITOR } from "./editor.ts";
import { isReachable, type MeshView } from "./mesh-view.ts";
import type { SessionRow } from "./session-list.ts";
import type { Setting, SettingChoice } from "./session-settings.ts";

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
  | {
      readonly kind: "settings" /** Of all choices of all settings, one after the other. */;
      readonly chosen: number;
    }
  | { readonly kind: "close-session"; readonly row: SessionRow };

export const HELP_DIALOG: Dialog = Object.freeze({ kind: "help", top: 0 });
export const NEW_SESSION_DIALOG: Dialog = Object.freeze({
  kind: "new-session",
  chosen: 0,
  directory: EMPTY_EDITOR,
});

/** Every choice of every setting, in the order in which the dialog shows them. */
export function settingChoices(
  settings: readonly Setting[],
): { readonly setting: Setting; readonly choice: SettingChoice }[] {
  return settings.flatMap((setting) => setting.choices.map((choice) => ({ setting, choice })));
}

/** Where the dialog begins: at what the first setting is now. */
export function currentSetting(settings: readonly Setting[]): number {
  return Math.max(
    0,
    settingChoices(settings).findIndex(({ setting, choice }) => choice.value === setting.current),
  );
}

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

import { COMMANDS, PLACES, type Place } from "../keys/commands.ts";
import { agentChoices, type Dialog } from "../state/dialog.ts";
import { nodeName } from "../state/mesh-view.ts";
import type { ScreenState } from "../state/screen.ts";
import { fitLine, type Line, span } from "../text/line.ts";
import { widthOf } from "../text/width.ts";
import { wrapWords } from "../text/wrap.ts";
import type { PaneSize } from "./session-pane.ts";
import { layoutNotice } from "./welcome.ts";

const KEY_COLUMNS = 24;
const DIRECTORY_LABEL = "  Directory  ";

/** A dialog as it covers the panes. */
export interface DialogLayout {
  readonly title: string;
  readonly lines: readonly Line[];
  /** Where text is typed, from 0 inside of the frame. */
  readonly cursor?: { readonly x: number; readonly y: number };
}

export function layoutDialog(state: ScreenState, dialog: Dialog, size: PaneSize): DialogLayout {
  switch (dialog.kind) {
    case "help":
      return { title: "Keys", lines: layoutHelp(state, dialog.top, size) };
    case "new-session":
      return layoutNewSession(state, dialog, size);
    case "settings":
      return { title: "Mode and options", lines: layoutSettings(state, dialog.chosen, size) };
    case "close-session":
      return { title: "Close the session?", lines: layoutClose(state, dialog, size.width) };
  }
}

/** Every key, by place, from the table of commands. */
function layoutHelp(state: ScreenState, top: number, { width, height }: PaneSize): Line[] {
  const notice = layoutNotice(state, width);
  const keys = (Object.keys(PLACES) as Place[]).flatMap((place): Line[] => [
    [span(PLACES[place], "heading")],
    ...COMMANDS.filter(({ where }) => where === place).map(({ keys, description }) =>
      fitLine([span(`  ${keys.join(", ")}`.padEnd(KEY_COLUMNS), "accent"), span(description)], width),
    ),
    [],
  ]);
  const all = notice.length === 0 ? keys : [...notice.slice(1), [], ...keys];
  const from = Math.max(0, Math.min(top, all.length - height + 1));
  const shown = all.slice(from, from + height - 1);
  const more = from + height - 1 < all.length ? "down: more   " : "";
  return [...shown, [span(`${more}esc: back`, "dim")]];
}

function layoutNewSession(
  state: ScreenState,
  { chosen, directory }: Extract<Dialog, { kind: "new-session" }>,
  { width, height }: PaneSize,
): DialogLayout {
  const title = "New session";
  const choices = agentChoices(state.mesh);
  if (choices.length === 0) {
    const text =
      "No node of the mesh offers an agent. Add one where it is installed: `clawmatrix agents add claude` (or any command).";
    return { title, lines: [...wrapWords([span(text)], width), [], [span("esc: back", "dim")]] };
  }
  const room = Math.max(1, height - 6);
  const top = Math.max(0, Math.min(chosen - Math.floor(room / 2), choices.length - room));
  const rows = choices.slice(top, top + room).map((choice, index): Line => {
    const is = top + index === chosen;
    const trouble = choice.state === "ready" ? [] : [span(` ${choice.state}`, "warn")];
    const name = span(`${choice.agent}@${choice.nodeName}`, is ? "strong" : undefined);
    return fitLine(
      [span(is ? "  ▶ " : "    ", "accent"), name, ...trouble, span(`  ${choice.description}`, "dim")],
      width,
    );
  });
  const field = fitLine(
    [
      span(DIRECTORY_LABEL, "dim"),
      directory.text === ""
        ? span("the agent's first allowed one; type another", "dim")
        : span(directory.text),
    ],
    width,
  );
  return {
    title,
    lines: [
      [span("With which agent?")],
      ...rows,
      [],
      field,
      [],
      [span("up, down: choose   enter: open   esc: cancel", "dim")],
    ],
    cursor: {
      x: Math.min(width - 1, DIRECTORY_LABEL.length + widthOf(directory.text.slice(0, directory.cursor))),
      y: 1 + rows.length + 1,
    },
  };
}

function layoutSettings({ open }: ScreenState, chosen: number, { width, height }: PaneSize): Line[] {
  let at = 0;

  const lines = (open?.settings ?? []).flatMap((setting, index): Line[] => [
    ...(index === 0 ? [] : [[]]),
    [span(setting.name, "heading")],
    ...setting.choices.map(({ value, name, description }): Line => {
      const is = at++ === chosen;
      const mark = span(is ? "  ▶ " : "    ", "accent");
      const current = setting.current === value ? "● " : "○ ";
      return fitLine(
        [mark, span(`${current}${name}`, is ? "strong" : undefined), span(`  ${description}`, "dim")],
        width,
      );
    }),
  ]);
  const chosenLine = lines.findIndex(([first]) => first?.text === "  ▶ ");
  const room = height - 2;
  const top = Math.max(0, Math.min(chosenLine - Math.floor(room / 2), lines.length - room));
  return [...lines.slice(top, top + room), [], [span("up, down: choose   enter: set   esc: back", "dim")]];
}

function layoutClose(
  state: ScreenState,
  { row }: Extract<Dialog, { kind: "close-session" }>,
  width: number,
): Line[] {
  const running =
    row.state === "running" || row.state === "permission" ? " Its running turn is stopped." : "";
  return [
    ...wrapWords([span(row.title, "strong")], width),
    [span(`${row.agent}@${nodeName(state.mesh, row.node)}  ${row.cwd}`, "dim")],
    [],
    ...wrapWords([span(`The agent forgets what it has open for it; the transcript stays.${running}`)], width),
    [],
    [span("enter", "accent"), span(": close it   "), span("esc", "accent"), span(": keep it")],
  ];
}

/** Where a command is to be had. The most particular place that knows a key takes it. */
export type Place = "everywhere" | "sessions" | "filter" | "session" | "transcript" | "nodes" | "dialog";

export interface Command {
  /** Its name for good: settings and the command palette use it. */
  readonly id: string;
  /** Keys that call it unless rebound: "ctrl-d", "alt-enter", "pageup", or the character itself. */
  readonly keys: readonly string[];
  readonly where: Place;
  readonly description: string;
}

/** What each place is, for people. */
export const PLACES: Readonly<Record<Place, string>> = {
  everywhere: "Everywhere",
  sessions: "List of sessions",
  filter: "Filter of the list",
  session: "Session",
  transcript: "Transcript (tab in a session)",
  nodes: "Nodes",
  dialog: "Dialogs",
};

/** Every key of the terminal UI. Help and docs/keys.md are made from this table. */
export const COMMANDS = [
  {
    id: "help",
    keys: ["?"],
    where: "everywhere",
    description: "Show the keys (in a session: on an empty line)",
  },
  { id: "sessions", keys: ["1", "alt-1"], where: "everywhere", description: "Go to the sessions" },
  { id: "nodes", keys: ["2", "alt-2"], where: "everywhere", description: "Go to the nodes" },
  { id: "quit", keys: ["ctrl-c", "q"], where: "everywhere", description: "Leave; running turns go on" },
  { id: "redraw", keys: ["ctrl-l"], where: "everywhere", description: "Draw the screen anew" },

  { id: "list.up", keys: ["up", "k"], where: "sessions", description: "Previous session" },
  { id: "list.down", keys: ["down", "j"], where: "sessions", description: "Next session" },
  { id: "list.open", keys: ["enter", "right"], where: "sessions", description: "Open the session" },
  { id: "list.new", keys: ["n"], where: "sessions", description: "New session with an agent of the mesh" },
  { id: "list.filter", keys: ["/"], where: "sessions", description: "Filter as you type" },
  { id: "list.clear-filter", keys: ["esc"], where: "sessions", description: "Show all sessions again" },
  { id: "list.close", keys: ["x"], where: "sessions", description: "Close the session (asks first)" },
  { id: "list.focus", keys: ["tab"], where: "sessions", description: "Back into the open session" },
  { id: "list.quit", keys: ["ctrl-d"], where: "sessions", description: "Leave" },

  {
    id: "filter.keep",
    keys: ["enter", "down", "tab"],
    where: "filter",
    description: "Keep the filter, go to the list",
  },
  { id: "filter.clear", keys: ["esc"], where: "filter", description: "Show all sessions again" },
  { id: "filter.delete", keys: ["backspace"], where: "filter", description: "Delete a character" },
  { id: "filter.empty", keys: ["ctrl-u"], where: "filter", description: "Empty the filter" },

  {
    id: "prompt.send",
    keys: ["enter"],
    where: "session",
    description: "Send the prompt, or answer the question",
  },
  { id: "prompt.newline", keys: ["ctrl-j", "alt-enter"], where: "session", description: "New line" },
  { id: "turn.stop", keys: ["esc"], where: "session", description: "Stop the turn, or dismiss the question" },
  {
    id: "session.leave",
    keys: ["ctrl-d"],
    where: "session",
    description: "Back to the list; the turn goes on",
  },
  {
    id: "session.settings",
    keys: ["ctrl-s"],
    where: "session",
    description: "Choose the mode and the agent's options",
  },
  { id: "session.next-mode", keys: ["shift-tab"], where: "session", description: "Switch to the next mode" },
  {
    id: "transcript.focus",
    keys: ["tab"],
    where: "session",
    description: "Choose in the transcript; after a slash, complete the agent's command",
  },
  {
    id: "transcript.toggle-last",
    keys: ["ctrl-o"],
    where: "session",
    description: "Open or fold the newest output",
  },
  { id: "transcript.page-up", keys: ["pageup"], where: "session", description: "Scroll up" },
  {
    id: "transcript.page-down",
    keys: ["pagedown"],
    where: "session",
    description: "Scroll down; at the end, follow",
  },
  {
    id: "edit.up",
    keys: ["up"],
    where: "session",
    description: "Line up; in the first line, the prompt before",
  },
  {
    id: "edit.down",
    keys: ["down"],
    where: "session",
    description: "Line down; in the last line, the next prompt",
  },
  { id: "edit.left", keys: ["left", "ctrl-b"], where: "session", description: "Character left" },
  { id: "edit.right", keys: ["right", "ctrl-f"], where: "session", description: "Character right" },
  {
    id: "edit.word-left",
    keys: ["alt-left", "ctrl-left", "alt-b"],
    where: "session",
    description: "Word left",
  },
  {
    id: "edit.word-right",
    keys: ["alt-right", "ctrl-right", "alt-f"],
    where: "session",
    description: "Word right",
  },
  { id: "edit.line-start", keys: ["ctrl-a", "home"], where: "session", description: "Beginning of the line" },
  { id: "edit.line-end", keys: ["ctrl-e", "end"], where: "session", description: "End of the line" },
  {
    id: "edit.backspace",
    keys: ["backspace", "ctrl-h"],
    where: "session",
    description: "Delete to the left",
  },
  { id: "edit.delete", keys: ["delete"], where: "session", description: "Delete to the right" },
  {
    id: "edit.kill-word",
    keys: ["ctrl-w", "alt-backspace"],
    where: "session",
    description: "Delete the word before",
  },
  {
    id: "edit.kill-start",
    keys: ["ctrl-u"],
    where: "session",
    description: "Delete to the beginning of the line",
  },
  { id: "edit.kill-end", keys: ["ctrl-k"], where: "session", description: "Delete to the end of the line" },

  { id: "item.up", keys: ["up", "k"], where: "transcript", description: "Tool call or thought before" },
  { id: "item.down", keys: ["down", "j"], where: "transcript", description: "Next tool call or thought" },
  { id: "item.toggle", keys: ["enter", "o"], where: "transcript", description: "Open or fold it" },
  { id: "item.leave", keys: ["tab", "esc"], where: "transcript", description: "Back to the prompt" },
  { id: "item.top", keys: ["home", "g"], where: "transcript", description: "Beginning of the transcript" },
  { id: "item.end", keys: ["end", "G"], where: "transcript", description: "End of the transcript" },
  { id: "item.page-up", keys: ["pageup"], where: "transcript", description: "Scroll up" },
  { id: "item.page-down", keys: ["pagedown"], where: "transcript", description: "Scroll down" },
  {
    id: "item.close",
    keys: ["ctrl-d"],
    where: "transcript",
    description: "Back to the list; the turn goes on",
  },

  { id: "node.up", keys: ["up", "k"], where: "nodes", description: "Previous node" },
  { id: "node.down", keys: ["down", "j"], where: "nodes", description: "Next node" },
  { id: "node.quit", keys: ["ctrl-d"], where: "nodes", description: "Leave" },

  { id: "dialog.up", keys: ["up"], where: "dialog", description: "Previous choice" },
  { id: "dialog.down", keys: ["down"], where: "dialog", description: "Next choice" },
  { id: "dialog.accept", keys: ["enter"], where: "dialog", description: "Do it" },
  { id: "dialog.cancel", keys: ["esc", "ctrl-d"], where: "dialog", description: "Do nothing" },
  { id: "dialog.backspace", keys: ["backspace"], where: "dialog", description: "Delete a character" },
  { id: "dialog.empty", keys: ["ctrl-u"], where: "dialog", description: "Empty the field" },
] as const satisfies readonly Command[];

export type CommandId = (typeof COMMANDS)[number]["id"];

/** Single characters that are typed, not commands, in a place where text goes. */
const TYPING_PLACES: ReadonlySet<Place> = new Set(["filter", "session", "dialog"]);

/** The command that `key` calls in the first of `places` (most particular first) that knows it. */
export function commandFor(key: string, places: readonly Place[]): CommandId | undefined {
  for (const place of places) {
    const found = COMMANDS.find(
      ({ where, keys }) => where === place && (keys as readonly string[]).includes(key),
    );
    if (found !== undefined) return found.id;
    if (TYPING_PLACES.has(place) && key.length === 1) return undefined;
  }
  return undefined;
}

/** The key of a command as hints show it: its first one. */
export function keyOf(id: CommandId): string {
  return COMMANDS.find((command) => command.id === id)?.keys[0] ?? "";
}

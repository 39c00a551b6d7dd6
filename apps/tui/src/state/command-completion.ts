import { editorOf } from "./editor.ts";
import type { OpenSession } from "./open-session.ts";
import type { AgentCommand } from "./session-settings.ts";

/** The agent's commands that what is typed can become: while the prompt is a slash and the beginning of a name. */
export function matchingCommands({ editor, commands, transcript }: OpenSession): readonly AgentCommand[] {
  if (transcript.waiting.length > 0) return [];
  const typed = /^\/(\S*)$/.exec(editor.text)?.[1];
  if (typed === undefined) return [];
  return commands.filter(({ name }) => name.startsWith(typed) && name !== typed);
}

/** With what was typed made longer as far as all that match agree, and a blank after the only one; undefined: nothing matches. */
export function completed(open: OpenSession): OpenSession | undefined {
  const matches = matchingCommands(open);
  const [first, ...others] = matches.map(({ name }) => name);
  if (first === undefined) return undefined;
  let shared = first.length;
  for (const name of others) while (!name.startsWith(first.slice(0, shared))) shared--;
  const name = first.slice(0, shared);
  const typed = open.editor.text.slice(1);
  const next = name === typed ? first : name;
  return { ...open, editor: editorOf(`/${next}${next === first ? " " : ""}`) };
}

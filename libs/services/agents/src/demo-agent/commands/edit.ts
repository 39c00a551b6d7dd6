import type { ToolCallContent } from "@agentclientprotocol/sdk";
import { ToolFailure } from "../failures.ts";
import { requirePermission } from "../permission.ts";
import { showBytes } from "../text-bounds.ts";
import { withToolCall } from "../tool-call.ts";
import type { Turn } from "../turn.ts";
import { pathFrom, resolveInside, type WorkspacePath } from "../workspace.ts";
import { type Command, sayUsage } from "./command.ts";

/** The largest file that is edited: its text travels twice in the diff. */
const MAX_EDIT_BYTES = 262_144;

export const edit: Command = {
  name: "edit",
  input: "<file> <old> => <new>",
  description: "Replaces a text in a file, having asked you; without <old> it makes a new file",
  async run(argument, turn) {
    const request = parseEdit(argument);
    if (request === undefined) return sayUsage(edit, turn, "edit notes.txt red => green");
    const { cwd } = turn.session;
    let path: WorkspacePath;
    let before: string | undefined;
    let after: string;
    try {
      path = await resolveInside(cwd, request.path);
      before = await readText(turn, path);
      after = applyEdit(request, before);
    } catch (error) {
      // What cannot be done is shown as a tool call too, one that failed before there was a diff to ask about.
      return withToolCall(
        turn,
        { title: `edit ${request.path}`, kind: "edit", rawInput: request },
        async () => {
          throw error;
        },
      );
    }
    const diff: ToolCallContent = { type: "diff", path: path.shown, oldText: before ?? null, newText: after };
    const locations = [{ path: path.shown, line: lineOf(request.old, before) }];
    const options = {
      title: `edit ${request.path}`,
      kind: "edit",
      rawInput: request,
      locations,
      content: [diff],
    } as const;
    await withToolCall(turn, options, async (call) => {
      await requirePermission(turn, call, "edit");
      await call.begin();
      // The person may have taken a while: nothing is written over what changed, or moved, meanwhile.
      const now = await resolveInside(cwd, request.path);
      if (now.real !== path.real || (await readText(turn, now)) !== before) {
        throw new ToolFailure(
          `${pathFrom(cwd, path.shown)} changed while you were asked; nothing was written.`,
        );
      }
      turn.throwIfCancelled();
      await turn.files.write(now, after, turn.signal);
      return {
        content: [diff],
        summary: `${before === undefined ? "made" : "edited"} ${pathFrom(cwd, path.shown)}`,
      };
    });
  },
};

interface EditRequest extends Readonly<Record<string, string>> {
  readonly path: string;
  readonly old: string;
  readonly new: string;
}

/** A file's name with blanks stands in double quotes. */
function parseEdit(argument: string): EditRequest | undefined {
  const match = /^(?:"([^"]+)"|(\S+))\s+(?:([\s\S]*?)\s+)?=>(?:\s([\s\S]*))?$/.exec(argument);
  const path = match?.[1] ?? match?.[2];
  return path === undefined ? undefined : { path, old: match?.[3] ?? "", new: match?.[4] ?? "" };
}

async function readText(turn: Turn, path: WorkspacePath): Promise<string | undefined> {
  const file = await turn.files.read(path, MAX_EDIT_BYTES, turn.signal);
  if (file === undefined) return undefined;
  if (file.bytes.length < file.size) {
    throw new ToolFailure(
      `${path.shown} is larger than ${showBytes(MAX_EDIT_BYTES)}, the most this agent edits.`,
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(file.bytes);
  } catch (error) {
    throw new ToolFailure(`${path.shown} is not UTF-8 text, and is not edited.`, { cause: error });
  }
}

function applyEdit(request: EditRequest, before: string | undefined): string {
  if (request.old === "") {
    if (before === undefined) return `${request.new}\n`;
    throw new ToolFailure(`${request.path} exists already; say which text to replace.`);
  }
  if (before === undefined) throw new ToolFailure(`There is no file ${request.path}.`);
  const pieces = before.split(request.old);
  if (pieces.length === 1) throw new ToolFailure(`${request.path} does not contain “${request.old}”.`);
  if (pieces.length > 2) {
    throw new ToolFailure(
      `${request.path} contains “${request.old}” ${pieces.length - 1} times; give more of the text.`,
    );
  }
  return pieces.join(request.new);
}

/** The line, from 1, at which the text stands. */
function lineOf(old: string, before: string | undefined): number {
  return before === undefined || old === "" ? 1 : before.slice(0, before.indexOf(old)).split("\n").length;
}

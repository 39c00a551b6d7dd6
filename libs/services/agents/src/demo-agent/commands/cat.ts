import { ToolFailure } from "../failures.ts";
import { showBytes } from "../text-bounds.ts";
import { type ToolCallResult, textContent, withToolCall } from "../tool-call.ts";
import { pathFrom, resolveInside } from "../workspace.ts";
import type { FileContent } from "../workspace-files.ts";
import { type Command, sayUsage } from "./command.ts";

/** Bytes shown of a file. */
const MAX_SHOWN_BYTES = 65_536;

/** Pictures are shown as pictures, recognised by their first bytes. */
const PICTURES: readonly { readonly mimeType: string; readonly magic: Buffer }[] = [
  { mimeType: "image/png", magic: Buffer.from("89504e470d0a1a0a", "hex") },
  { mimeType: "image/jpeg", magic: Buffer.from("ffd8ff", "hex") },
  { mimeType: "image/gif", magic: Buffer.from("GIF8") },
];

export const cat: Command = {
  name: "cat",
  input: "<file>",
  description: "Shows a file, a small picture as a picture",
  async run(argument, turn) {
    if (argument === "") return sayUsage(cat, turn, "cat README.md");
    const { cwd } = turn.session;
    const options = { title: `cat ${argument}`, kind: "read", rawInput: { path: argument } } as const;
    await withToolCall(turn, options, async (call) => {
      const path = await resolveInside(cwd, argument);
      await call.begin();
      const file = await turn.files.read(path, MAX_SHOWN_BYTES, turn.signal);
      if (file === undefined)
        throw new ToolFailure(`There is no file ${pathFrom(cwd, path.shown)} in ${cwd}.`);
      const shown = showPicture(file) ?? showText(file, pathFrom(cwd, path.shown));
      const summary = `${pathFrom(cwd, path.shown)}: ${showBytes(file.size)}`;
      const truncated = file.bytes.length < file.size;
      return {
        ...shown,
        locations: [{ path: path.shown }],
        rawOutput: { bytes: file.bytes.length, size: file.size, truncated },
        summary: truncated
          ? `${summary}, of which the first ${showBytes(file.bytes.length)} are shown`
          : summary,
      };
    });
  },
};

function showPicture(file: FileContent): ToolCallResult | undefined {
  const bytes = Buffer.from(file.bytes);
  const picture = PICTURES.find(({ magic }) => bytes.subarray(0, magic.length).equals(magic));
  if (picture === undefined || bytes.length < file.size) return undefined;
  const data = bytes.toString("base64");
  return { content: [{ type: "content", content: { type: "image", mimeType: picture.mimeType, data } }] };
}

function showText(file: FileContent, name: string): ToolCallResult {
  if (file.bytes.includes(0))
    throw new ToolFailure(`${name} is not text, but ${showBytes(file.size)} of binary data.`);
  const text = new TextDecoder().decode(file.bytes);
  const left = file.size - file.bytes.length;
  const note = left > 0 ? `\n… truncated: ${left} of ${file.size} bytes are not shown` : "";
  return { content: [textContent(text + note)] };
}

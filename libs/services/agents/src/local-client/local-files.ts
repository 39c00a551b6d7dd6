import { constants, type FileHandle, open } from "node:fs/promises";
import { AcpErrorCode, type JsonObject } from "@clawmatrix/acp-wire";
import { AcpRefusal } from "../acp/acp-error.ts";
import { type AllowedPlaces, allowedFile } from "./allowed-file.ts";

/** A text of this size still fits on one line of ACP, however it has to be escaped. */
export const MAX_FILE_BYTES = 4 * 1024 * 1024;
/** O_NOFOLLOW: the path is resolved, so a link there now was put there since. O_NONBLOCK: a pipe must not hang us. */
const SAFE_FLAGS = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** ACP's fs/read_text_file: the whole text, or `limit` lines from line `line` (the first is 1). */
export async function readTextFile(
  { path, line, limit }: JsonObject,
  places: AllowedPlaces,
): Promise<{ readonly content: string }> {
  const real = await allowedFile(path, places);
  const text = await withFile(real, constants.O_RDONLY, async (file) => {
    const status = await file.stat();
    if (!status.isFile()) throw new AcpRefusal(AcpErrorCode.invalidParams, `${real} is not a file`);
    if (status.size > MAX_FILE_BYTES) {
      const message = `${real} has ${status.size} bytes; this node reads ${MAX_FILE_BYTES} at most`;
      throw new AcpRefusal(AcpErrorCode.invalidParams, message);
    }
    return await file.readFile("utf8");
  });
  if (typeof line !== "number" && typeof limit !== "number") return { content: text };
  const lines = text.split(/(?<=\n)/);
  const start = typeof line === "number" ? Math.max(0, Math.trunc(line) - 1) : 0;
  const end = typeof limit === "number" ? start + Math.max(0, Math.trunc(limit)) : lines.length;
  return { content: lines.slice(start, end).join("") };
}

/** ACP's fs/write_text_file: replaces the text of a file, or makes the file. */
export async function writeTextFile(
  { path, content }: JsonObject,
  places: AllowedPlaces,
): Promise<Record<string, never>> {
  if (typeof content !== "string")
    throw new AcpRefusal(AcpErrorCode.invalidParams, "`content` must be a text");
  const real = await allowedFile(path, places);
  const flags = constants.O_WRONLY | constants.O_CREAT;
  await withFile(real, flags, async (file) => {
    if (!(await file.stat()).isFile())
      throw new AcpRefusal(AcpErrorCode.invalidParams, `${real} is not a file`);
    await file.truncate(0);
    await file.writeFile(content);
  });
  return {};
}

async function withFile<T>(path: string, flags: number, use: (file: FileHandle) => Promise<T>): Promise<T> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, flags | SAFE_FLAGS, 0o644);
    return await use(file);
  } catch (error) {
    if (error instanceof AcpRefusal) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    if (code === "ENOENT") throw new AcpRefusal(AcpErrorCode.resourceNotFound, `${path} does not exist`);
    throw new AcpRefusal(AcpErrorCode.internal, `${path} cannot be opened (${code})`);
  } finally {
    await file?.close();
  }
}

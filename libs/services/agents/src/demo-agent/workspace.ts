import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { ToolFailure } from "./failures.ts";

export interface WorkspacePath {
  /** As the person means it: absolute, symbolic links as they are. This is what clients are shown and asked for. */
  readonly shown: string;
  /** Where it really is, symbolic links resolved. This is what is opened. */
  readonly real: string;
}

/**
 * The path that a person names, relative to the session's directory. What leads out of the directory, also through a
 * symbolic link, is refused with a `ToolFailure`. The file itself need not exist.
 */
export async function resolveInside(directory: string, path: string): Promise<WorkspacePath> {
  if (path.includes("\0")) throw new ToolFailure("A path cannot contain a NUL character.");
  const shown = resolve(directory, path);
  const root = await realpath(directory);
  if (!isInside(directory, shown) && !isInside(root, shown)) throw outside(path, directory);
  const real = await realPathOf(shown);
  if (!isInside(root, real)) throw outside(path, directory);
  return { shown, real };
}

/** The path as it reads from the session's directory: `.` for the directory itself. */
export function pathFrom(directory: string, path: string): string {
  return relative(directory, path) || ".";
}

/** Resolves as much of the path as exists. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw new ToolFailure(`${path} cannot be opened (${codeOf(error)}).`);
  }
  // A dangling link would be followed by a write to wherever it points.
  if (await exists(path)) throw new ToolFailure(`${path} is a symbolic link that leads nowhere.`);
  const parent = dirname(path);
  return parent === path ? path : resolve(await realPathOf(parent), basename(path));
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw new ToolFailure(`${path} cannot be opened (${codeOf(error)}).`);
  }
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function outside(path: string, directory: string): ToolFailure {
  return new ToolFailure(
    `${path} is outside of the session's directory ${directory}, and this agent stays inside it. Open a session there instead.`,
  );
}

/** The system's code of a failed file operation, such as `EACCES`. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

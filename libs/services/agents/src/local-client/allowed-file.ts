import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join } from "node:path";
import { AcpErrorCode } from "@clawmatrix/acp-wire";
import { AcpRefusal } from "../acp/acp-error.ts";
import { expandHome, isInside, resolvedPath } from "../sessions/allowed-directory.ts";

export interface AllowedPlaces {
  /** Absolute, or beginning with "~". */
  readonly directories: readonly string[];
  /** What a leading "~" stands for. */
  readonly home: string;
}

/**
 * Where a file that an agent names really is, symbolic links resolved; it need not exist.
 * @throws AcpRefusal unless it is absolute and lies in one of the directories.
 */
export async function allowedFile(path: unknown, { directories, home }: AllowedPlaces): Promise<string> {
  if (typeof path !== "string" || !isAbsolute(path) || path.includes("\0"))
    throw new AcpRefusal(AcpErrorCode.invalidParams, "`path` must be absolute");
  const roots = await Promise.all(directories.map((root) => resolvedPath(expandHome(root, home))));
  const real = await realPathOf(path);
  if (roots.some((root) => root !== undefined && isInside(real, root))) return real;
  throw new AcpRefusal(
    AcpErrorCode.invalidParams,
    `${path} lies outside of the directories that this agent may use on this node: ${directories.join(", ")}`,
  );
}

/** Resolves as much of the path as exists. */
async function realPathOf(path: string): Promise<string> {
  const resolved = await resolvedPath(path);
  if (resolved !== undefined) return resolved;
  // A dangling link would be followed by a write to wherever it points.
  const isLink = await lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
  if (isLink)
    throw new AcpRefusal(AcpErrorCode.invalidParams, `${path} is a symbolic link that leads nowhere`);
  const parent = dirname(path);
  return parent === path ? await realpath(path) : join(await realPathOf(parent), basename(path));
}

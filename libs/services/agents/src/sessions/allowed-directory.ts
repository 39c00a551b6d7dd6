import { realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import { StatusCode, StatusError } from "@clawmatrix/protocol";

export interface DirectoryRules {
  readonly agentId: string;
  /** Absolute; the first is taken where none is named. */
  readonly allowed: readonly string[];
  /** What a leading "~" stands for. */
  readonly home: string;
}

/**
 * The directory that a caller named, absolute and without symbolic links.
 * @throws StatusError PERMISSION_DENIED "directory-not-allowed" naming the allowed ones; NOT_FOUND;
 * INVALID_ARGUMENT if it is not absolute.
 */
export async function allowedDirectory(named: string, rules: DirectoryRules): Promise<string> {
  const wanted = expandHome(named === "" ? (rules.allowed[0] ?? "") : named, rules.home);
  if (!isAbsolute(wanted) || wanted.includes("\0")) {
    throw new StatusError(
      StatusCode.INVALID_ARGUMENT,
      `the directory ${JSON.stringify(named)} is not absolute`,
      {
        reason: "directory-not-absolute",
        hint: "name it from the root of the node's file system, or begin it with ~/",
      },
    );
  }
  const roots = await Promise.all(rules.allowed.map((root) => resolvedPath(expandHome(root, rules.home))));
  const directory = await resolvedPath(wanted);
  // What does not exist is judged by its name, so that nobody can find out what exists elsewhere.
  const judged = directory ?? wanted;
  const isAllowed = roots.some((root) => root !== undefined && isInside(judged, root));
  const isNamedInside = rules.allowed.some((root) => isInside(join(wanted), expandHome(root, rules.home)));
  if (!isAllowed && !(directory === undefined && isNamedInside)) {
    throw new StatusError(
      StatusCode.PERMISSION_DENIED,
      `sessions of the agent "${rules.agentId}" may not run in ${wanted}, only in: ${rules.allowed.join(", ")}`,
      {
        reason: "directory-not-allowed",
        hint: "`directories` of the agent in that node's configuration allows more",
      },
    );
  }
  if (directory === undefined || !(await stat(directory)).isDirectory()) {
    throw new StatusError(StatusCode.NOT_FOUND, `there is no directory ${wanted} on this node`, {
      reason: "directory-not-found",
    });
  }
  return directory;
}

export function expandHome(path: string, home: string): string {
  return path === "~" || path.startsWith(`~${sep}`) ? join(home, path.slice(1)) : path;
}

/** Undefined if it does not exist or cannot be reached. */
export async function resolvedPath(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch {
    return undefined; // The caller says so, with the name as it was given.
  }
}

/** Both absolute, without symbolic links. */
export function isInside(path: string, root: string): boolean {
  const way = relative(root, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

import { lstat, realpath } from "node:fs/promises";
import { isAbsolute, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Where names of files are read from. */
export interface PathSurroundings {
  /** What a leading `~` stands for; absolute. */
  readonly home: string;
  /** The session's directory; absolute. */
  readonly cwd: string;
}

/** A file as it was named, and where that leads. All absolute. */
export interface FollowedPath {
  /** The name, with `.` and `..` taken away as it is written: not where the system goes, if links are among them. */
  readonly named: string;
  /**
   * Where the system goes, links followed; of a file that is not there yet, where it would come to be. Undefined where that
   * cannot be said: a link that leads nowhere, a loop, a folder that this node may not look into, a name that means
   * different places to different programs.
   */
  readonly real: string | undefined;
}

/** Names of a path that are looked at; a longer way is not followed. */
const MAX_NAMES = 256;

/** Follows a file that an agent names, from the session's directory. */
export async function followPath(path: string, { home, cwd }: PathSurroundings): Promise<FollowedPath> {
  const plain = path.startsWith("file:") ? fromUrl(path) : path;
  if (plain === undefined || plain === "" || plain.includes("\0"))
    return { named: resolve(cwd, path.replaceAll("\0", "")), real: undefined };
  // To a shell it is in the home directory, to a system call in this one.
  if (plain === "~" || plain.startsWith("~/")) return { named: join(home, plain.slice(1)), real: undefined };
  const absolute = isAbsolute(plain) ? plain : `${cwd}${sep}${plain}`;
  return { named: resolve(absolute), real: await destination(absolute) };
}

/** Not normalised before: `link/..` is not where `link` is, but where the folder is that it leads to. */
async function destination(path: string): Promise<string | undefined> {
  const names = path.split(sep);
  if (names.length > MAX_NAMES) return undefined;
  for (let there = names.length; there > 0; there--) {
    const known = await real(names.slice(0, there).join(sep) || sep);
    if (known === "unknowable") return undefined;
    if (known === "missing") continue;
    const [next, ...rest] = names.slice(there).filter((name) => name !== "" && name !== ".");
    if (next === undefined) return known;
    // What is not there has no parent to go back to; and a link that leads nowhere is there, and leads somewhere else.
    if (next === ".." || rest.includes("..") || (await exists(join(known, next)))) return undefined;
    return join(known, next, ...rest);
  }
  return undefined;
}

async function real(path: string): Promise<string | "missing" | "unknowable"> {
  try {
    return await realpath(path);
  } catch (error) {
    return isMissing(error) ? "missing" : "unknowable";
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    return !isMissing(error);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function fromUrl(text: string): string | undefined {
  try {
    return fileURLToPath(text);
  } catch {
    return undefined; // An address that names no file here.
  }
}

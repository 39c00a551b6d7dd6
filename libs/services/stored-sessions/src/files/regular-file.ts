import { constants } from "node:fs";
import { type FileHandle, lstat, open, realpath, stat } from "node:fs/promises";
import { isAbsolute, relative, sep } from "node:path";

/** What tells one state of a file from another. */
export interface FileState {
  /** Without symbolic links. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  readonly inode: number;
}

/**
 * A file inside `root` as it is now; undefined if it is no regular file (a pipe, a device, a directory), is gone, or lies
 * behind a symbolic link that leads out of `root`. `root` is absolute and without symbolic links.
 */
export async function stateOfFile(root: string, path: string): Promise<FileState | undefined> {
  try {
    let real = path;
    let found = await lstat(path);
    if (found.isSymbolicLink()) {
      real = await realpath(path);
      if (!isInside(real, root)) return undefined;
      found = await stat(real);
    }
    if (!found.isFile()) return undefined;
    const { size, mtimeMs, ino } = found;
    return { path: real, size, modifiedAt: Math.trunc(mtimeMs), inode: ino };
  } catch {
    return undefined; // It has gone, or may not be looked at: then it is not listed.
  }
}

/**
 * Uses a regular file for reading, and closes it. What has taken its place since it was found is noticed here: links are not
 * followed, a pipe is not waited for.
 * @throws Error why it cannot be read.
 */
export async function withRegularFile<Result>(
  path: string,
  use: (file: FileHandle, size: number) => Promise<Result>,
): Promise<Result> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new Error("it is not a regular file");
    return await use(file, found.size);
  } finally {
    await file.close();
  }
}

/** Both absolute, without symbolic links. */
export function isInside(path: string, root: string): boolean {
  const way = relative(root, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

import { lstat, mkdir } from "node:fs/promises";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import type { NodePaths } from "./paths.ts";

/**
 * Makes the directory of a socket that could not be in the home, and checks that it is this user's and closed to
 * others. Both the node, before it listens, and its clients, before they connect, call this; it does nothing when the
 * socket is in the home.
 * @throws StatusError `permission-denied` if it is not a directory of this user's, closed to others.
 */
export async function ensureSocketDirectory(paths: Pick<NodePaths, "socketDirectory">): Promise<void> {
  const directory = paths.socketDirectory;
  if (directory === undefined) return;
  await mkdir(directory, { mode: 0o700 }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "EEXIST") return;
    throw new StatusError(
      StatusCode.PERMISSION_DENIED,
      `cannot make ${directory} for the socket (${cause.code ?? cause.message})`,
      { cause, hint: "set CLAWMATRIX_HOME to a shorter path" },
    );
  });
  // Not stat: somebody else's symbolic link could lead to a directory of this user's that is open to others.
  const found = await lstat(directory);
  const isMine = found.uid === process.geteuid?.();
  if (found.isDirectory() && isMine && (found.mode & 0o077) === 0) return;
  throw new StatusError(
    StatusCode.PERMISSION_DENIED,
    `${directory}, where the node's socket belongs, is not a directory of yours that is closed to others`,
    { hint: "remove it, or set CLAWMATRIX_HOME to a shorter path" },
  );
}

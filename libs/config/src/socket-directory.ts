import type { NodePaths } from "./paths.ts";

/**
 * Makes the directory of a socket that could not be in the home, and checks that it is this user's and closed to
 * others. Both the node, before it listens, and its clients, before they connect, call this; it does nothing when the
 * socket is in the home.
 * @throws StatusError `permission-denied` if somebody else made it.
 */
export async function ensureSocketDirectory(_paths: NodePaths): Promise<void> {
  throw new Error("being written");
}

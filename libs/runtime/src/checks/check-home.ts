import { stat, statfs } from "node:fs/promises";
import type { NodePaths } from "@clawmatrix/config";
import type { Store } from "@clawmatrix/store";
import { bad, type Finding, good, warning } from "./finding.ts";

/** What others than the owner may do with the home: must be nothing. */
const OTHERS = 0o077;
/** Less room than this, in bytes, and soon nothing can be kept. */
const LITTLE_ROOM_BYTES = 200 * 2 ** 20;
const MIB = 2 ** 20;
/** The fact that is written to see that facts can be. */
const CHECKS = "checks";

/** Whether the files of the node are its owner's alone, and there is room for more. */
export async function checkHome({
  home,
  directories,
  identityFile,
  meshFile,
  configFile,
  socket,
}: NodePaths): Promise<Finding[]> {
  // Windows keeps a user's files apart by other means than modes.
  if (process.platform === "win32") return [];
  const files = [...directories, identityFile, meshFile, configFile, socket];
  const open: string[] = [];
  for (const file of new Set(files)) {
    const found = await stat(file).catch(() => undefined);
    if (found !== undefined && (found.mode & OTHERS) !== 0) open.push(file);
  }
  const room = await statfs(home);
  const freeBytes = room.bavail * room.bsize;
  return [
    open.length === 0
      ? good("home", `${home}: nobody but its owner can open what is in it`)
      : bad("home", `others than its owner can open ${open.join(", ")}`, `chmod go-rwx ${open.join(" ")}`),
    freeBytes >= LITTLE_ROOM_BYTES
      ? good("disk", `${Math.round(freeBytes / MIB)} MiB are free at ${home}`)
      : bad(
          "disk",
          `only ${Math.round(freeBytes / MIB)} MiB are free at ${home}`,
          "Make room: sessions and handoffs cannot be kept without.",
        ),
  ];
}

/** Whether the store takes what has to outlive the node. */
export function checkStore(store: Store, warnings: readonly string[]): Finding {
  try {
    store.nodeFacts.increment(CHECKS);
  } catch (error) {
    return bad(
      "store",
      `the store does not work: ${(error as Error).message}`,
      "See the log; check the disk.",
    );
  }
  const [first] = warnings;
  return first === undefined
    ? good("store", "it is whole, and can be written")
    : warning("store", first, "What was in it is in the file set aside; nothing else has to be done.");
}

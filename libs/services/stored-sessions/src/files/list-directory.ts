import { readdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { isInside } from "./regular-file.ts";

/** Entries of one directory that are looked at. Past this somebody else fills it, not a program that keeps sessions. */
const MAX_ENTRIES = 50_000;

export interface DirectoryListing {
  /** Names of what may be a file: whether it is one, `stateOfFile` says. */
  readonly files: readonly string[];
  /** Names of directories, also of those behind symbolic links that stay inside the root. */
  readonly directories: readonly string[];
}

const NOTHING: DirectoryListing = Object.freeze({ files: [], directories: [] });

/** What a directory inside `root` holds; nothing if it cannot be read. */
export async function listDirectory(root: string, path: string): Promise<DirectoryListing> {
  try {
    const entries = (await readdir(path, { withFileTypes: true })).slice(0, MAX_ENTRIES);
    const files: string[] = [];
    const directories: string[] = [];
    for (const entry of entries) {
      if (entry.isDirectory()) directories.push(entry.name);
      else if (entry.isFile()) files.push(entry.name);
      else if (entry.isSymbolicLink()) {
        files.push(entry.name);
        if (await leadsInside(root, join(path, entry.name))) directories.push(entry.name);
      }
    }
    return { files, directories };
  } catch {
    return NOTHING; // Most machines have only some of the programs.
  }
}

async function leadsInside(root: string, path: string): Promise<boolean> {
  try {
    return isInside(await realpath(path), root);
  } catch {
    return false; // It leads nowhere.
  }
}

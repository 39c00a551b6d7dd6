/**
 * Reads a file that holds secrets.
 * @throws StatusError `not-found`, `permission-denied` if others than its owner may open it (the message says the
 *   chmod to type), `resource-exhausted` if it is larger than a secret file can be.
 */
export async function readSecretFile(_file: string): Promise<Buffer> {
  throw new Error("being written");
}

/** Writes a file that only its owner can open, whole or not at all: a reader sees the old or the new one. */
export async function writeSecretFile(_file: string, _data: string | Uint8Array): Promise<void> {
  throw new Error("being written");
}

/** Makes a directory that only its owner can enter, with what leads to it; one that is there stays as it is. */
export async function makePrivateDirectory(_directory: string): Promise<void> {
  throw new Error("being written");
}

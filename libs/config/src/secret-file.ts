import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { StatusCode, StatusError } from "@clawmatrix/protocol";

/** Keys, tokens and configurations are a few KiB; a larger file is something else. */
const MAX_SECRET_FILE_BYTES = 1024 * 1024;

/** What others than the owner may do with a file: must be nothing. */
const OTHERS = 0o077;

/** The text of a file, and whether only its owner may open it. */
export interface OwnedText {
  readonly text: string;
  readonly isPrivate: boolean;
}

/**
 * Reads a file that holds secrets.
 * @throws StatusError `not-found`, `permission-denied` if others than its owner may open it (the hint is the chmod to
 *   type), `resource-exhausted` if it is larger than 1 MiB.
 */
export async function readSecretFile(file: string): Promise<Buffer> {
  const { data, isPrivate } = await readOwned(file);
  if (!isPrivate) throw openToOthers(file);
  return data;
}

/** Reads a file that may or may not hold secrets. @throws StatusError as `readSecretFile`, but for the permissions. */
export async function readOwnedText(file: string): Promise<OwnedText> {
  const { data, isPrivate } = await readOwned(file);
  return { text: new TextDecoder().decode(data), isPrivate };
}

/** The refusal of a file with secrets that others than its owner may open. */
export function openToOthers(file: string): StatusError {
  return new StatusError(
    StatusCode.PERMISSION_DENIED,
    `${file} holds secrets, and others than its owner may open it`,
    {
      reason: "secret-file-open-to-others",
      hint: `chmod 600 ${shellWord(file)}`,
    },
  );
}

/**
 * Writes a file that only its owner can open, whole or not at all: who reads it sees the old or the new one, also
 * after a loss of power. Its directory must exist.
 */
export async function writeSecretFile(file: string, data: string | Uint8Array): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.${crypto.randomUUID()}.new`);
  try {
    await using handle = await open(temporary, "wx", 0o600);
    await handle.writeFile(data);
    await handle.sync();
  } catch (cause) {
    await rm(temporary, { force: true });
    throw fileFailure("write", file, cause);
  }
  try {
    await rename(temporary, file);
    await syncDirectory(dirname(file));
  } catch (cause) {
    await rm(temporary, { force: true });
    throw fileFailure("write", file, cause);
  }
}

/** Makes a directory that only its owner can enter, with what leads to it; one that is there stays as it is. */
export async function makePrivateDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw fileFailure("make", directory, cause);
  }
}

async function readOwned(file: string): Promise<{ data: Buffer; isPrivate: boolean }> {
  try {
    await using handle = await open(file, "r");
    const { mode, size, uid } = await handle.stat();
    if (size > MAX_SECRET_FILE_BYTES) throw tooLarge(file);
    const data = await readBounded(handle, file);
    const isPrivate = process.platform === "win32" || ((mode & OTHERS) === 0 && uid === process.geteuid?.());
    return { data, isPrivate };
  } catch (cause) {
    throw fileFailure("read", file, cause);
  }
}

/** Not `readFile`: a device or a pipe says that its size is 0, and never ends. */
async function readBounded(handle: FileHandle, file: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of handle.createReadStream({ autoClose: false })) {
    total += (chunk as Buffer).length;
    if (total > MAX_SECRET_FILE_BYTES) throw tooLarge(file);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function tooLarge(file: string): StatusError {
  return new StatusError(
    StatusCode.RESOURCE_EXHAUSTED,
    `${file} is larger than ${MAX_SECRET_FILE_BYTES} bytes`,
  );
}

/** A rename is on the disk when the directory is. Windows has no such thing. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  await using handle = await open(directory, "r");
  await handle.sync();
}

function fileFailure(verb: string, file: string, cause: unknown): StatusError {
  if (cause instanceof StatusError) return cause;
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  const message = `cannot ${verb} ${file}`;
  switch (code) {
    case "ENOENT":
      return new StatusError(
        StatusCode.NOT_FOUND,
        `${message}: ${verb === "read" ? "it is not there" : "its directory is not there"}`,
        { cause },
      );
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new StatusError(StatusCode.PERMISSION_DENIED, `${message}: not allowed (${code})`, { cause });
    case "ENOSPC":
    case "EDQUOT":
      return new StatusError(StatusCode.RESOURCE_EXHAUSTED, `${message}: the disk is full`, { cause });
    default:
      return new StatusError(StatusCode.FAILED_PRECONDITION, `${message} (${code || String(cause)})`, {
        cause,
      });
  }
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

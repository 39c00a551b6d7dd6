import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MAX_CONVERSATION_BYTES } from "./conversation.ts";
import {
  isConversationId,
  parseConversation,
  type StoredConversation,
  writeConversation,
} from "./conversation-format.ts";

/** Conversations kept; the one longest unused leaves first. */
const MAX_CONVERSATIONS = 1_000;
/** A file is read only up to this size: one turn may be larger than what a conversation keeps, but no more than a line of ACP. */
const MAX_FILE_BYTES = MAX_CONVERSATION_BYTES + 64 * 1_048_576;

/** Keeps each conversation in a file of its own, which only its owner can read. */
export class ConversationStore {
  readonly #directory: string;
  #writes: Promise<void> = Promise.resolve();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** One after the other, so that what was saved last stays. */
  async save(conversation: StoredConversation): Promise<void> {
    const done = this.#writes.then(() => this.#write(conversation));
    this.#writes = done.catch(() => undefined);
    await done;
  }

  /** Undefined where there is none. @throws Error where what is kept is damaged. */
  async load(id: string): Promise<StoredConversation | undefined> {
    if (!isConversationId(id)) return undefined;
    const path = this.#pathOf(id);
    try {
      if ((await stat(path)).size > MAX_FILE_BYTES) throw new Error("it is too large");
      return parseConversation(await readFile(path, "utf8"));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw new Error(`The stored session ${id} is damaged; open a new one.`, { cause: error });
    }
  }

  async delete(id: string): Promise<void> {
    if (isConversationId(id)) await rm(this.#pathOf(id), { force: true });
  }

  async #write(conversation: StoredConversation): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const path = this.#pathOf(conversation.head.sessionId);
    // Renamed into place, so that a reader or a crash never meets half a file.
    const draft = `${path}.${process.pid}.tmp`;
    await writeFile(draft, writeConversation(conversation), { mode: 0o600 });
    await rename(draft, path);
    if (conversation.turns.length <= 1) await this.#dropOldest();
  }

  async #dropOldest(): Promise<void> {
    const names = (await readdir(this.#directory)).filter((name) => name.endsWith(".jsonl"));
    if (names.length <= MAX_CONVERSATIONS) return;
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#directory, name);
        return {
          path,
          mtimeMs: await stat(path).then(
            ({ mtimeMs }) => mtimeMs,
            () => 0,
          ),
        };
      }),
    );
    files.sort((a, b) => b.mtimeMs - a.mtimeMs);
    for (const { path } of files.slice(MAX_CONVERSATIONS)) await rm(path, { force: true });
  }

  #pathOf(id: string): string {
    return join(this.#directory, `${id}.jsonl`);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

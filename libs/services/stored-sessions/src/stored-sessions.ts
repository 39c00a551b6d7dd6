import type { Clock, Logger } from "@clawmatrix/environment";
import { type SessionSource, StatusCode, StatusError } from "@clawmatrix/protocol";
import { withRegularFile } from "./files/regular-file.ts";
import { ALL_PROGRAMS } from "./programs/all-programs.ts";
import type { ProgramName } from "./programs/program.ts";
import { type IndexedTranscript, scanProgram } from "./scan-program.ts";
import { SnapshotCache } from "./snapshot-cache.ts";
import { type PageQuery, readPage, type TranscriptPage } from "./transcript/read-page.ts";

/** A session that another program keeps on this machine. */
export interface StoredSession {
  readonly id: string;
  readonly source: SessionSource;
  /** The id by which the program's agent knows it; empty: none would. */
  readonly agentSessionId: string;
  /** Its directory; empty where nothing says it. */
  readonly cwd: string;
  readonly title: string;
  /** The first message of the person, shortened. */
  readonly description: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface StoredSessionsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The home directory of the node's user. */
  readonly home: string;
  /** Whose sessions are listed; `changed` is to be called when it says otherwise than before. */
  readonly programs: () => ReadonlySet<ProgramName>;
  /** The id of a session in the mesh: always the same for the same source and key. */
  readonly idOf: (source: SessionSource, key: string) => string;
}

export interface StoredSessionsQuery {
  /** Only sessions changed before this one. */
  readonly after?: { readonly updatedAt: number; readonly id: string } | undefined;
  readonly limit: number;
}

export interface StoredSessionsPage {
  /** The one changed latest first. A list of its own for whoever asks. */
  readonly sessions: StoredSession[];
  /** A newer list is being made. */
  readonly stale: boolean;
}

interface Index {
  /** The one changed latest first. */
  readonly sessions: readonly StoredSession[];
  readonly transcripts: ReadonlyMap<string, IndexedTranscript>;
  readonly byPath: ReadonlyMap<string, IndexedTranscript>;
}

/** A list younger than this is taken as it is. Looking at ten thousand files again takes some tenths of a second. */
const FRESH_MS = 5_000;
/** How long the first who ask wait for the first list: not longer than callers wait for a node's sessions. */
const FIRST_WAIT_MS = 8_000;

/** The sessions that other programs keep on this machine: listed by page, read by page, never changed. */
export class StoredSessions {
  readonly #options: StoredSessionsOptions;
  readonly #index: SnapshotCache<Index>;

  constructor(options: StoredSessionsOptions) {
    this.#options = options;
    const { clock, logger } = options;
    this.#index = new SnapshotCache({
      make: (before) => this.#scan(before),
      freshMs: FRESH_MS,
      clock,
      logger,
    });
  }

  /** Programs were allowed or are no longer: nothing that was listed before is shown again. */
  changed(): void {
    this.#index.invalidate();
  }

  async page({ after, limit }: StoredSessionsQuery): Promise<StoredSessionsPage> {
    const { value, stale } = await this.#index.get(FIRST_WAIT_MS);
    const all = value?.sessions ?? [];
    const from = after === undefined ? 0 : firstAfter(all, after);
    return { sessions: all.slice(from, from + limit), stale };
  }

  /** Undefined: there is none of this id. */
  async find(id: string): Promise<StoredSession | undefined> {
    const { value } = await this.#index.get(FIRST_WAIT_MS);
    const found = value?.transcripts.get(id);
    return found === undefined ? undefined : this.#session(found);
  }

  /** Whether there is one of this id, as far as is known now. */
  isListed(id: string): boolean {
    return this.#index.peek().value?.transcripts.has(id) === true;
  }

  /**
   * A page of what was said in a session. An id is looked up, and never becomes part of a path.
   * @throws StatusError NOT_FOUND if there is no such session or its file has gone; INVALID_ARGUMENT for a bad cursor.
   */
  async read(id: string, query: PageQuery): Promise<TranscriptPage> {
    const { value } = await this.#index.get(FIRST_WAIT_MS);
    const found = value?.transcripts.get(id);
    if (found === undefined) throw gone("there is no such stored session on this node");
    const { state, program } = found;
    try {
      return await withRegularFile(state.path, (file, size) => readPage(file, size, program, query));
    } catch (thrown) {
      if (thrown instanceof StatusError) throw thrown;
      throw gone(`the transcript that ${program.title} kept of this session cannot be read any more`, thrown);
    }
  }

  async #scan(before: Index | undefined): Promise<Index> {
    const { env, home, programs, clock, logger } = this.#options;
    const startedAt = clock.monotonic();
    const allowed = programs();
    const known = (path: string): IndexedTranscript | undefined => before?.byPath.get(path);
    const byPath = new Map<string, IndexedTranscript>();
    const transcripts = new Map<string, IndexedTranscript>();
    for (const program of ALL_PROGRAMS.filter(({ name }) => allowed.has(name))) {
      for (const each of await scanProgram(program, { env, home, known })) {
        byPath.set(each.found.path, each);
        const id = this.#options.idOf(program.source, each.found.key);
        // One session may have several files, as when a project was copied: the newest counts, and comes first.
        if (each.facts !== undefined && !transcripts.has(id)) transcripts.set(id, each);
      }
    }
    const sessions = [...transcripts.values()].map((each) => this.#session(each)).sort(latestFirst);
    const tookMs = Math.round(clock.monotonic() - startedAt);
    logger.debug("stored sessions were listed", { sessions: sessions.length, tookMs });
    return { sessions, transcripts, byPath };
  }

  #session({ program, found, facts, state }: IndexedTranscript): StoredSession {
    const { indexed, agentSessionId } = found;
    const description = facts?.firstMessage || indexed.description;
    const updatedAt = facts?.updatedAt || indexed.updatedAt || state.modifiedAt;
    // A program, or somebody's clock, may have been wrong by years: then the file system knows better.
    const isFuture = updatedAt > this.#options.clock.now() + DAY_MS;
    return Object.freeze({
      id: this.#options.idOf(program.source, found.key),
      source: program.source,
      agentSessionId,
      cwd: facts?.cwd || indexed.cwd,
      title: indexed.title || facts?.title || description,
      description,
      createdAt: facts?.createdAt || state.modifiedAt,
      updatedAt: isFuture ? Math.max(0, state.modifiedAt) : updatedAt,
    });
  }
}

const DAY_MS = 24 * 60 * 60 * 1_000;

type Place = Pick<StoredSession, "updatedAt" | "id">;

function latestFirst(a: Place, b: Place): number {
  return b.updatedAt - a.updatedAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

/** The index of the first that comes after a place. */
function firstAfter(sessions: readonly StoredSession[], place: Place): number {
  let low = 0;
  let high = sessions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (latestFirst(sessions[middle]!, place) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

function gone(message: string, cause?: unknown): StatusError {
  return new StatusError(StatusCode.NOT_FOUND, message, {
    reason: "no-such-session",
    hint: "`clawmatrix session list` shows those that there are",
    cause,
  });
}

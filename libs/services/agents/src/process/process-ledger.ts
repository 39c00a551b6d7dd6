import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Logger, Random } from "@clawmatrix/environment";
import { uniqueId } from "../sessions/unique-id.ts";
import { hasInEnvironment, processesOfGroup, startOfProcess } from "./process-table.ts";

export interface ProcessLedgerOptions {
  /** Where it is kept; only one node may use the file at a time. Undefined: nowhere. */
  readonly file: string | undefined;
  readonly random: Random;
  readonly logger: Logger;
}

interface LedgerEntry {
  /** The process that leads the group has the same id. */
  readonly group: number;
  readonly startedAt: string;
  readonly mark: string;
}

/** Names the mark in the environment of what this node starts. */
const MARK_VARIABLE = "CLAWMATRIX_PROCESS_MARK";
/** Far more than a node runs; a file with more was not written by a node. */
const MAX_ENTRIES = 10_000;

/**
 * Which process groups this node has started, on disk: should the node be killed, and one of them not notice that its
 * standard input has closed, the next start ends it. A process is known by its id and the time of its start, since ids are
 * used again; the rest of a group whose leader has gone by a mark in its environment.
 */
export class ProcessLedger {
  readonly #options: ProcessLedgerOptions;
  readonly #mark: string;
  readonly #entries = new Map<number, LedgerEntry>();

  constructor(options: ProcessLedgerOptions) {
    this.#options = options;
    this.#mark = uniqueId(options.random);
  }

  /** What the environment of every process that is to be entered needs. */
  get environment(): Readonly<Record<string, string>> {
    return { [MARK_VARIABLE]: this.#mark };
  }

  /** A process that leads a group of its own has been started. */
  enter(pid: number): void {
    const startedAt = this.#options.file === undefined ? undefined : startOfProcess(pid);
    if (startedAt === undefined) return;
    this.#entries.set(pid, { group: pid, startedAt, mark: this.#mark });
    this.#write();
  }

  /** Nothing is left of its group. */
  strike(pid: number): void {
    if (this.#entries.delete(pid)) this.#write();
  }

  /** Ends what an earlier run of the node left behind; says how many groups that were. */
  async endLeftOvers(): Promise<number> {
    let ended = 0;
    for (const entry of this.#read()) {
      if (await endGroup(entry)) ended++;
    }
    if (ended > 0) this.#options.logger.warn("processes of an earlier run were ended", { groups: ended });
    if (this.#entries.size === 0) this.#write();
    return ended;
  }

  #read(): LedgerEntry[] {
    const { file, logger } = this.#options;
    if (file === undefined) return [];
    try {
      const value: unknown = JSON.parse(readFileSync(file, "utf8"));
      return Array.isArray(value) ? value.slice(0, MAX_ENTRIES).filter(isEntry) : [];
    } catch (error) {
      const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (!missing) logger.warn("the list of started processes cannot be read", { error: String(error) });
      return [];
    }
  }

  #write(): void {
    const { file, logger } = this.#options;
    if (file === undefined) return;
    try {
      writeFileSync(`${file}.new`, JSON.stringify([...this.#entries.values()]), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } catch (error) {
      logger.warn("the list of started processes cannot be written", { error: String(error) });
    }
  }
}

async function endGroup({ group, startedAt, mark }: LedgerEntry): Promise<boolean> {
  const leader = startOfProcess(group);
  if (leader === startedAt) return kill(-group);
  if (leader !== undefined) return false; // The id was used again.
  let ended = false;
  for (const { pid } of await processesOfGroup(group)) {
    if (await hasInEnvironment(pid, `${MARK_VARIABLE}=${mark}`)) ended = kill(pid) || ended;
  }
  return ended;
}

function kill(target: number): boolean {
  try {
    process.kill(target, "SIGKILL");
    return true;
  } catch {
    return false; // It has ended meanwhile, or belongs to somebody else.
  }
}

function isEntry(value: unknown): value is LedgerEntry {
  if (typeof value !== "object" || value === null) return false;
  const { group, startedAt, mark } = value as Record<string, unknown>;
  const isGroup = Number.isSafeInteger(group) && (group as number) > 1;
  return isGroup && typeof startedAt === "string" && typeof mark === "string" && mark !== "";
}

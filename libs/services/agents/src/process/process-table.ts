import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";

/** A process of this machine. */
export interface ProcessEntry {
  readonly pid: number;
  /** Its process group. */
  readonly group: number;
  /** Memory that it occupies. */
  readonly residentBytes: number;
}

/** Linux counts memory in pages; all its common systems have pages of this size, and one with larger ones is told too little. */
const PAGE_BYTES = 4_096;
/** Fields of /proc/PID/stat behind the name, counted from the state: group, start in clock ticks since boot, pages. */
const GROUP_FIELD = 2;
const START_FIELD = 19;
const PAGES_FIELD = 21;
const PS_TIMEOUT_MS = 2_000;

/**
 * When a process began, as a text that no later process with the same id has; undefined if there is none with this id or
 * the system does not say (Windows).
 */
export function startOfProcess(pid: number): string | undefined {
  try {
    if (process.platform === "linux") {
      const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      return `${boot} ${fieldsOf(readFileSync(`/proc/${pid}/stat`, "utf8"))[START_FIELD]}`;
    }
    if (process.platform === "win32") return undefined;
    const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
    const args = ["-o", "lstart=", "-p", String(pid)];
    return (
      execFileSync("ps", args, { env, timeout: PS_TIMEOUT_MS, stdio: ["ignore", "pipe", "ignore"] })
        .toString()
        .trim() || undefined
    );
  } catch {
    return undefined; // There is no such process.
  }
}

/** The processes of a group. None where the system does not list processes as files. */
export async function processesOfGroup(group: number): Promise<ProcessEntry[]> {
  if (process.platform !== "linux") return [];
  const names = await readdir("/proc");
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const entries = await Promise.all(pids.map(readEntry));
  return entries.filter((entry) => entry?.group === group) as ProcessEntry[];
}

/** Whether the environment with which a process was started contains this text. */
export async function hasInEnvironment(pid: number, text: string): Promise<boolean> {
  try {
    return (await readFile(`/proc/${pid}/environ`)).includes(text);
  } catch {
    return false; // It has ended, or belongs to somebody else.
  }
}

async function readEntry(pid: number): Promise<ProcessEntry | undefined> {
  try {
    const fields = fieldsOf(await readFile(`/proc/${pid}/stat`, "utf8"));
    return {
      pid,
      group: Number(fields[GROUP_FIELD]),
      residentBytes: Number(fields[PAGES_FIELD]) * PAGE_BYTES,
    };
  } catch {
    return undefined; // It has ended meanwhile.
  }
}

/** The name in front, in parentheses, may contain anything. */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/**
 * Time for the kernel to take away what was ended, and how often that is looked at. Less than an agent's own
 * helpers take to notice that it is gone (Claude's: 2 s): a node has to end those too.
 */
const LEAVE_DEADLINE_MS = 1_000;
const LOOK_INTERVAL_MS = 50;

export interface ProcessLeft {
  readonly pid: number;
  readonly commandLine: string;
}

/**
 * The processes of this run that do not leave by themselves, known by their home directory, which is this
 * run's alone. Only Linux tells; elsewhere the list is empty.
 */
export async function processesLeft(home: string): Promise<readonly ProcessLeft[]> {
  const deadline = performance.now() + LEAVE_DEADLINE_MS;
  for (;;) {
    const left = process.platform === "linux" ? await processesAtHome(home) : [];
    if (left.length === 0 || performance.now() > deadline) return left;
    await delay(LOOK_INTERVAL_MS);
  }
}

async function processesAtHome(home: string): Promise<readonly ProcessLeft[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      try {
        const variables = (await readFile(`/proc/${pid}/environ`, "utf8")).split("\0");
        if (!variables.includes(`HOME=${home}`)) return undefined;
        const commandLine = (await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ").trim();
        return { pid: Number(pid), commandLine };
      } catch {
        // Gone meanwhile, or somebody else's: neither is one of ours that stayed.
        return undefined;
      }
    }),
  );
  return found.filter((one) => one !== undefined);
}

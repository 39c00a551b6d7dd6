import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { silentLogger, systemRandom } from "@clawmatrix/environment";
import { expect, onTestFinished, test } from "vitest";
import { ProcessLedger } from "../src/process/process-ledger.ts";
import { startOfProcess } from "../src/process/process-table.ts";
import { scripted, serve, temporaryDirectory } from "./agents-harness.ts";

const onUnix = test.skipIf(process.platform === "win32");

onUnix("an agent that does not notice that its node was killed is ended by the next start", async () => {
  const directory = await temporaryDirectory();
  const [pidFile, processFile] = [join(directory, "pid"), join(directory, "processes.json")];
  const node = fileURLToPath(new URL("fixtures/node-with-agent.ts", import.meta.url));
  const child = spawn(process.execPath, [node, pidFile, processFile], { stdio: "ignore" });
  const read = async (): Promise<number> => Number(await readFile(pidFile, "utf8").catch(() => ""));
  await expect.poll(read, { timeout: 15_000 }).toBeGreaterThan(0);
  const pid = await read();
  onTestFinished(() => {
    if (alive(pid)) process.kill(-pid, "SIGKILL");
  });
  await expect.poll(async () => await readFile(processFile, "utf8").catch(() => "")).toContain(String(pid));
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(alive(pid)).toBe(true);
  await serve([scripted()], { processFile });
  await expect.poll(() => alive(pid), { timeout: 5_000 }).toBe(false);
  expect(JSON.parse(await readFile(processFile, "utf8"))).toEqual([]);
});

onUnix("a process that only has the id of one that was left is not ended", async () => {
  const file = join(await temporaryDirectory(), "processes.json");
  const stranger = sleeper();
  const entry = { group: stranger.pid, startedAt: "another boot 1", mark: "m".repeat(16) };
  await writeFile(file, JSON.stringify([entry, { group: 1 }, "rubbish"]));
  expect(await ledger(file).endLeftOvers()).toBe(0);
  expect(alive(stranger.pid!)).toBe(true);
});

test.skipIf(process.platform !== "linux")(
  "what an agent left in its process group is ended by its mark, and nobody else in that group",
  async () => {
    const file = join(await temporaryDirectory(), "processes.json");
    // Its leader ends at once and leaves two children in its group, one of them with another environment.
    const mark = "k".repeat(16);
    const script = "sleep 60 & echo $!; CLAWMATRIX_PROCESS_MARK=other sleep 60 & echo $!";
    const leader = spawn("/bin/sh", ["-c", script], {
      detached: true,
      env: { ...process.env, CLAWMATRIX_PROCESS_MARK: mark },
      stdio: ["ignore", "pipe", "ignore"],
    });
    onTestFinished(() => void process.kill(-leader.pid!, "SIGKILL"));
    let output = "";
    leader.stdout.on("data", (chunk) => {
      output += chunk;
    });
    const startedAt = startOfProcess(leader.pid!);
    await once(leader, "exit");
    await expect.poll(() => output.trim().split("\n").length).toBe(2);
    const [marked = 0, other = 0] = output.trim().split("\n").map(Number);
    // Between fork and exec a child still has the shell's environment, and with it the mark; and its command line, in
    // which its own is a part.
    const program = (): string => readFileSync(`/proc/${other}/cmdline`, "utf8");
    await expect.poll(program).toMatch(/^sleep/);
    await writeFile(file, JSON.stringify([{ group: leader.pid, startedAt, mark }]));
    expect(await ledger(file).endLeftOvers()).toBe(1);
    await expect.poll(() => alive(marked)).toBe(false);
    expect(alive(other)).toBe(true);
  },
);

onUnix("a process that has ended is struck from the list, and a damaged list does no harm", async () => {
  const file = join(await temporaryDirectory(), "processes.json");
  await writeFile(file, "{ not json");
  const list = ledger(file);
  expect(await list.endLeftOvers()).toBe(0);
  const { pid = 0 } = sleeper();
  list.enter(pid);
  expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject([{ group: pid }]);
  list.strike(pid);
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual([]);
});

function ledger(file: string): ProcessLedger {
  return new ProcessLedger({ file, random: systemRandom, logger: silentLogger });
}

function sleeper(): ChildProcess {
  const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // What has ended and is not waited for yet still has its id.
    return process.platform !== "linux" || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SessionOpening } from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import {
  bodyOf,
  context,
  demo,
  LAPTOP,
  open,
  scripted,
  serve,
  temporaryDirectory,
  text,
  transcript,
  turn,
} from "./agents-harness.ts";

test("a session that nobody uses gives its process up, and the next prompt continues it", async () => {
  const env = { CLAWMATRIX_DEMO_STATE: await temporaryDirectory() };
  const service = await serve([demo({ env, idleMs: 50 })]);
  const { id } = await open(service, { cwd: await temporaryDirectory() });
  await turn(service, id, "one");
  await expect.poll(() => service.liveSessions, { timeout: 10_000 }).toBe(0);
  expect(bodyOf(await transcript(service, id), "ended")).toMatchObject({ reason: "idle" });
  const events = await turn(service, id, "two");
  expect(text(events)).toContain("two");
});

test("where all places are taken, the process of an unused session makes room, and one in use is waited for", async () => {
  const resuming = `{
    initialize: () => ({ protocolVersion: 1, agentCapabilities: { sessionCapabilities: { resume: {} } } }),
    "session/resume": () => ({}),
    "session/prompt": ({ sessionId, prompt }) => {
      api.say(sessionId, prompt[0].text);
      return { stopReason: "end_turn" };
    },
  }`;
  const service = await serve([scripted(resuming, { maxProcesses: 1 })]);
  const first = await open(service);
  const second = await open(service, {}, context(LAPTOP));
  expect(second.opening).toBe(SessionOpening.NEW);
  const events = await turn(service, first.id, "back");
  expect(bodyOf(events, "reopened")).toBe(SessionOpening.RESUMED);
  expect(text(events)).toBe("back");
});

test("settings that start a process otherwise hold for the next session, and leave the running one alone", async () => {
  const naming = (name: string) =>
    scripted(
      `{ "session/prompt": ({ sessionId }) => { api.say(sessionId, "${name}"); return { stopReason: "end_turn" }; } }`,
    );
  const service = await serve([naming("old")]);
  const before = await open(service);
  service.reconfigure([naming("new")]);
  const after = await open(service);
  expect(text(await turn(service, before.id, "who"))).toBe("old");
  expect(text(await turn(service, after.id, "who"))).toBe("new");
  service.reconfigure([]);
  await expect(open(service)).rejects.toMatchObject({ reason: "no-such-agent" });
  await expect.poll(() => service.liveSessions, { timeout: 10_000 }).toBe(0);
});

test("agents end when the node is killed", async () => {
  const file = join(await temporaryDirectory(), "pid");
  const node = fileURLToPath(new URL("fixtures/node-with-agent.ts", import.meta.url));
  const child = spawn(process.execPath, [node, file], { stdio: "ignore" });
  const read = async (): Promise<number> => Number(await readFile(file, "utf8").catch(() => ""));
  await expect.poll(read, { timeout: 15_000 }).toBeGreaterThan(0);
  child.kill("SIGKILL");
  await once(child, "exit");
  const pid = await read();
  await expect.poll(() => alive(pid), { timeout: 10_000 }).toBe(false);
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

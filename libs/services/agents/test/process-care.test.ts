import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@clawmatrix/environment";
import { AgentState } from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import { FAILURES_TO_OPEN } from "../src/process/start-breaker.ts";
import {
  agent,
  bodyOf,
  context,
  LAPTOP,
  LOCAL,
  OFFICE,
  open,
  PromptCall,
  scripted,
  serve,
  temporaryDirectory,
  text,
  transcript,
  turn,
} from "./agents-harness.ts";

/** An agent that can continue sessions and answers a prompt with its process id. */
const TELLS_PID = `
  initialize: () => ({ protocolVersion: 1, agentCapabilities: { sessionCapabilities: { resume: {}, close: {} } } }),
  "session/resume": () => ({}),
  "session/prompt": ({ sessionId }) => { api.say(sessionId, String(process.pid)); return { stopReason: "end_turn" }; },
`;
/** Twenty times as fast as the machine's. */
const fastClock: typeof systemClock = {
  now: () => systemClock.now(),
  monotonic: () => 20 * systemClock.monotonic(),
  schedule: (ms, callback, options) => systemClock.schedule(ms / 20, callback, options),
};
const CLOSE = { $typeName: "clawmatrix.v1.CloseSessionRequest" } as const;

async function pidOf(service: Parameters<typeof turn>[0], id: string, caller = LOCAL): Promise<number> {
  return Number(text(await turn(service, id, "who", {}, caller)));
}

test("an agent that fails again and again is left alone for a while, says so in the offers, and is tried at once when mended", async () => {
  const broken = agent([process.execPath, "-e", 'console.error("no key"); process.exit(7)']);
  const service = await serve([broken]);
  for (let i = 0; i < FAILURES_TO_OPEN; i++)
    await expect(open(service)).rejects.toMatchObject({ reason: "agent-exited" });
  await expect(open(service)).rejects.toMatchObject({
    reason: "agent-failing",
    message: expect.stringMatching(/failed 3 times in a row.* tried again in \d+ s.*no key/s),
  });
  expect(service.offers()).toMatchObject([
    { state: AgentState.FAILED, why: expect.stringMatching(/failed 3 times, tried again at 20.*no key/) },
  ]);
  service.reconfigure([scripted()]);
  await open(service);
  expect(service.offers()).toMatchObject([{ state: AgentState.READY, why: "" }]);
});

test("a process that dies before it has opened a session counts as a failure", async () => {
  const service = await serve([scripted(`{ "session/new": () => process.exit(3) }`)]);
  for (let i = 0; i < FAILURES_TO_OPEN; i++) await expect(open(service)).rejects.toThrow();
  await expect(open(service)).rejects.toMatchObject({ reason: "agent-failing" });
});

test("a process that does not answer is replaced, and its sessions are told", async () => {
  const service = await serve([scripted(`{ ${TELLS_PID} }`, { timeoutMs: 1_200 })]);
  const { id } = await open(service);
  const pid = await pidOf(service, id);
  process.kill(pid, "SIGSTOP");
  await expect(open(service)).rejects.toMatchObject({ reason: "agent-timeout" });
  await expect.poll(() => service.liveSessions).toBe(0);
  expect(bodyOf(await transcript(service, id), "ended")).toMatchObject({ reason: "agent-unresponsive" });
  expect(await pidOf(service, id)).not.toBe(pid);
});

test("a process that leaves one request unanswered but goes on talking finishes its turn, and gets no more sessions", async () => {
  const service = await serve([
    scripted(
      `{ ${TELLS_PID}
        "session/set_mode": () => api.never,
        "session/prompt": ({ sessionId, prompt }) => new Promise((resolve) => {
          api.say(sessionId, String(process.pid));
          if (prompt[0].text === "who") return resolve({ stopReason: "end_turn" });
          const talk = setInterval(() => api.say(sessionId, "."), 20);
          setTimeout(() => { clearInterval(talk); resolve({ stopReason: "end_turn" }); }, 2500);
        }) }`,
      { timeoutMs: 1_200 },
    ),
  ]);
  const { id } = await open(service);
  const long = new PromptCall(service).prompt(id, "long").halfClose();
  await long.event("updateJson");
  const mode = { $typeName: "clawmatrix.v1.SetModeRequest", sessionId: id, modeId: "x" } as const;
  await expect(service.setMode(mode, context())).rejects.toMatchObject({ reason: "agent-timeout" });
  const other = await open(service);
  const events = await long.rest();
  expect(bodyOf(events, "turnEnded")).toMatchObject({ stopReason: "end_turn" });
  expect(await pidOf(service, other.id)).not.toBe(Number.parseInt(text(events), 10));
});

test("a turn that the agent does not end when it is cancelled, and about which it is silent, costs it its process", async () => {
  // By this clock a process that starts on a busy machine takes twenty times as long as well.
  const silent = scripted(`{ "session/prompt": () => api.never }`, { timeoutMs: 200_000 });
  const service = await serve([silent], { clock: fastClock });
  const { id } = await open(service);
  const call = new PromptCall(service).prompt(id, "for ever");
  await call.event("turnStarted");
  call.send({ case: "cancel", value: {} }).halfClose();
  const events = await call.rest();
  expect(bodyOf(events, "turnFailed")).toMatchObject({ reason: "agent-unresponsive" });
  await expect.poll(() => service.liveSessions, { timeout: 5_000 }).toBe(0);
  expect(bodyOf(await transcript(service, id), "ended")).toMatchObject({ reason: "agent-unresponsive" });
});

test.each([
  ["sessions served", { maxServed: 1 }],
  ["age", { maxAgeMs: 1 }],
  ["memory", { maxMemoryBytes: 1 }],
])("a process is replaced by %s once nobody uses it", async (_what, limit) => {
  if (process.platform !== "linux" && "maxMemoryBytes" in limit) return;
  const service = await serve([scripted(`{ ${TELLS_PID} }`, { ...limit, idleMs: 200 })]);
  const { id } = await open(service);
  const call = new PromptCall(service).prompt(id, "who");
  await call.event("turnEnded");
  const pid = Number(
    text(call.responses.flatMap(({ message }) => (message?.case === "event" ? [message.value] : []))),
  );
  // The client that follows uses it: it stays, but serves nobody else.
  const another = async (): Promise<number> => await pidOf(service, (await open(service)).id);
  await expect.poll(another, { timeout: 5_000 }).not.toBe(pid);
  expect(alive(pid)).toBe(true);
  await call.goAway();
  await expect.poll(() => alive(pid), { timeout: 5_000 }).toBe(false);
  expect(await pidOf(service, id)).not.toBe(pid);
});

test("a process in steady use lets go of the sessions that nobody uses, and the agent closes them", async () => {
  const trace = `{ ${TELLS_PID}
    "session/close": ({ sessionId }) => { api.closed = [...(api.closed ?? []), sessionId]; return {}; },
    "session/prompt": ({ sessionId }) => { api.say(sessionId, JSON.stringify(api.closed ?? [])); return { stopReason: "end_turn" }; } }`;
  const service = await serve([scripted(trace, { idleMs: 200 })]);
  const busy = await open(service);
  const unused = await open(service);
  const call = new PromptCall(service).prompt(busy.id, "x");
  await call.event("turnEnded");
  await turn(service, unused.id, "x");
  await expect.poll(() => service.liveSessions, { timeout: 5_000 }).toBe(1);
  expect(text(await turn(service, busy.id, "x"))).toContain(unused.session?.agentSessionId);
  expect(text(await turn(service, unused.id, "back"))).not.toBe("");
});

test("where all places for sessions are taken, one that nobody uses makes room and is continued by its next prompt", async () => {
  const service = await serve([scripted(`{ ${TELLS_PID} }`, { maxSessions: 1 })]);
  const first = await open(service);
  await turn(service, first.id, "x");
  const second = await open(service);
  expect(second.progress).toEqual([]);
  expect(bodyOf(await transcript(service, first.id), "ended")).toMatchObject({ reason: "idle" });
  expect(text(await turn(service, second.id, "x"))).not.toBe("");
  expect(bodyOf(await turn(service, first.id, "x"), "turnEnded")).toMatchObject({ stopReason: "end_turn" });
});

test("processes are kept ready, given to whoever comes first, made up for, and started again when they die", async () => {
  const file = join(await temporaryDirectory(), "pids");
  await writeFile(file, "");
  const script = `{ ${TELLS_PID} begin: () => process.getBuiltinModule("node:fs").appendFileSync(${JSON.stringify(file)}, process.pid + "\\n") }`;
  const started = async (): Promise<number[]> =>
    (await readFile(file, "utf8")).split("\n").filter(Boolean).map(Number);
  const service = await serve([scripted(script, { prewarm: 2, maxProcesses: 4 })]);
  await expect.poll(async () => (await started()).length, { timeout: 5_000 }).toBe(2);
  const [one = 0, two = 0] = await started();
  await expect
    .poll(async () => (await open(service, {}, context(LAPTOP))).progress, { timeout: 5_000 })
    .toEqual([]);
  await expect.poll(async () => (await started()).length, { timeout: 5_000 }).toBe(3);
  const office = await open(service, {}, context(OFFICE));
  expect([one, two]).toContain(await pidOf(service, office.id, OFFICE));
  await expect.poll(async () => (await started()).length, { timeout: 5_000 }).toBe(4);
  const warm = (await started())[3] ?? 0;
  process.kill(warm, "SIGKILL");
  await expect.poll(async () => (await started()).length, { timeout: 8_000 }).toBe(5);
}, 30_000);

test("a session that the agent opens after its deadline is closed there, and stands in no list", async () => {
  const file = join(await temporaryDirectory(), "closed");
  const service = await serve([
    scripted(
      `{ "session/new": () => new Promise((resolve) => {
          setTimeout(() => api.notify("_still/here", {}), 100);
          setTimeout(() => resolve({ sessionId: "late" }), 1500);
        }),
        "session/close": ({ sessionId }) => {
          process.getBuiltinModule("node:fs").writeFileSync(${JSON.stringify(file)}, sessionId);
          return {};
        } }`,
      { timeoutMs: 1_200 },
    ),
  ]);
  await expect(open(service)).rejects.toMatchObject({ reason: "agent-timeout" });
  await expect.poll(() => readFile(file, "utf8").catch(() => ""), { timeout: 5_000 }).toBe("late");
  expect(service.liveSessions).toBe(0);
});

test("a caller who goes away while a session is opened leaves none behind", async () => {
  const service = await serve([
    scripted(`{
      "session/new": () => new Promise((resolve) => {
        const id = "s" + (api.count = (api.count ?? 0) + 1);
        if (id === "s1") api.open = () => resolve({ sessionId: id });
        else resolve({ sessionId: id });
      }),
      "$/cancel_request": () => setTimeout(() => api.open(), 20),
      "session/prompt": ({ sessionId }) => {
        api.say(sessionId, api.seen.filter(({ method }) => method === "session/close").map(({ params }) => params.sessionId).join());
        return { stopReason: "end_turn" };
      },
    }`),
  ]);
  const abort = new AbortController();
  const opening = open(service, {}, context(LOCAL, abort.signal));
  opening.catch(() => undefined);
  await expect.poll(() => service.offers()[0]?.sessions).toBe(0);
  const other = await open(service).catch((error: unknown) => error);
  abort.abort();
  await expect(opening).rejects.toMatchObject({ reason: "cancelled" });
  const { id } = other as { id: string };
  await expect.poll(async () => text(await turn(service, id, "x")), { timeout: 5_000 }).toContain("s1");
  await service.closeSession({ ...CLOSE, sessionId: id }, context());
});

test("callers wait for a process in order, and hear how many are before them", async () => {
  const service = await serve([scripted("{}", { maxProcesses: 1, idleMs: 100 })]);
  const mine = await open(service);
  const waiting = [LAPTOP, OFFICE].map(async (caller) => ({
    caller,
    ...(await open(service, {}, context(caller))),
  }));
  await service.closeSession({ ...CLOSE, sessionId: mine.id }, context());
  const first = await Promise.race(waiting);
  expect(first.progress[0]).toBe("waiting for a place (0 before you)");
  await service.closeSession({ ...CLOSE, sessionId: first.id }, context(first.caller));
  const second = (await Promise.all(waiting)).find(({ id }) => id !== first.id);
  expect(second?.progress.slice(0, 2)).toEqual([
    "waiting for a place (1 before you)",
    "waiting for a place (0 before you)",
  ]);
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

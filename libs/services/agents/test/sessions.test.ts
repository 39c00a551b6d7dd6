import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { type SessionOpenedInit, SessionOpening, SessionState } from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import { MemoryEventLog, MemorySessionStore } from "../src/index.ts";
import { MAX_WAITING_OF_GROUP } from "../src/process/waiting-line.ts";
import {
  agent,
  bodyOf,
  context,
  demo,
  json,
  kinds,
  LAPTOP,
  LOCAL,
  OFFICE,
  open,
  PromptCall,
  parse,
  scripted,
  serve,
  temporaryDirectory,
  text,
  transcript,
  turn,
  watching,
} from "./agents-harness.ts";

const PID = `{ "session/prompt": ({ sessionId, prompt }) => {
  api.say(sessionId, JSON.stringify([process.pid, sessionId, prompt[0].text]));
  return { stopReason: "end_turn" };
} }`;
/** Runs until it is cancelled; "quick" ends at once. */
const LONG = `{
  initialize: () => ({ protocolVersion: 1, agentCapabilities: { loadSession: true, sessionCapabilities: { close: {} } } }),
  "session/prompt": ({ sessionId, prompt }) => {
    if (prompt[0].text === "quick") { api.say(sessionId, "quick"); return { stopReason: "end_turn" }; }
    return new Promise((resolve) => {
      api.end = (stopReason) => resolve({ stopReason });
      api.say(sessionId, "begun");
    });
  },
  "session/cancel": () => api.end("cancelled"),
  "_test/pid": () => ({ pid: process.pid }),
  "_test/finish": ({ sessionId }) => { api.say(sessionId, "finished"); api.end("end_turn"); return {}; },
}`;

const list = {
  $typeName: "clawmatrix.v1.ListSessionsRequest",
  agentId: "",
  limit: 0,
  cursor: "",
  liveOnly: false,
} as const;
const forwarding = (method: string) => (sessionId: string) =>
  ({
    $typeName: "clawmatrix.v1.ForwardRequest",
    sessionId,
    method,
    paramsJson: json({}),
    notification: false,
    agentId: "",
    clientCapabilitiesJson: new Uint8Array(),
  }) as const;
const finish = forwarding("_test/finish");
const pidOf = forwarding("_test/pid");

test("sessions of one node share a process, those of another have their own, and each has its own conversation", async () => {
  const service = await serve([scripted(PID)]);
  const opened = [
    await open(service),
    await open(service),
    await open(service, {}, context(LAPTOP)),
    await open(service, {}, context(OFFICE)),
  ];
  const answers = await Promise.all(
    opened.map(async ({ id }) => JSON.parse(text(await turn(service, id, "who"))) as unknown[]),
  );
  const [a, b, c, d] = answers.map(([pid]) => pid);
  expect(a).toBe(b);
  expect(new Set([a, c, d]).size).toBe(3);
  expect(answers[0]?.[1]).not.toBe(answers[1]?.[1]);
  expect(new Set(opened.map(({ id }) => id)).size).toBe(4);
});

test("a caller sees and controls what it opened, and nothing else unless granted", async () => {
  const service = await serve([scripted()], {
    grants: {
      allows: (caller, capability) =>
        capability.startsWith("agent:") || (caller === OFFICE && capability === "sessions:watch"),
    },
  });
  const { id } = await open(service);
  const own = await open(service, {}, context(LAPTOP));
  const visible = async (call: Parameters<typeof service.listSessions>[1]) =>
    (await service.listSessions(list, call)).sessions?.map((session) => session.id).sort();
  expect(await visible(context(LAPTOP))).toEqual([own.id]);
  expect(await visible(context())).toEqual([id, own.id].sort());
  expect(await visible(context(OFFICE))).toEqual([id, own.id].sort());
  await expect(turn(service, id, "x", {}, LAPTOP)).rejects.toMatchObject({ reason: "not-granted" });
  await expect(turn(service, id, "x", {}, OFFICE)).rejects.toMatchObject({ reason: "not-granted" });
  await expect(watching(service, { sessionId: id }, context(LAPTOP)).next()).rejects.toMatchObject({
    reason: "not-granted",
  });
  expect((await watching(service, { sessionId: id }, context(OFFICE)).next()).done).toBe(false);
  const resume = { kind: { case: "resumeSessionId", value: id } } as const;
  await expect(open(service, resume, context(LAPTOP))).rejects.toMatchObject({ reason: "not-granted" });
  // Nor by the agent's own id of it, or of one that the mesh does not know.
  for (const value of ["s1", "elsewhere"]) {
    const adopt = { kind: { case: "agentSessionId", value } } as const;
    await expect(open(service, adopt, context(LAPTOP))).rejects.toMatchObject({ reason: "not-granted" });
  }
  await expect(open(service, { agentId: "nobody" })).rejects.toMatchObject({ reason: "no-such-agent" });
});

test("directories are resolved and have to lie in the allowed ones", async () => {
  const root = await temporaryDirectory();
  const outside = await temporaryDirectory();
  await mkdir(join(root, "project"));
  await symlink(join(root, "project"), join(root, "inside"));
  await symlink(outside, join(root, "way-out"));
  const service = await serve([scripted("{}", { directories: [root] })]);
  expect((await open(service, { cwd: join(root, "x", "..", "inside") })).session?.cwd).toBe(
    join(root, "project"),
  );
  expect((await open(service)).session?.cwd).toBe(root);
  for (const cwd of [outside, join(root, "way-out"), "/", join(root, ".."), `${root}-other`]) {
    await expect(open(service, { cwd })).rejects.toMatchObject({
      reason: "directory-not-allowed",
      message: expect.stringContaining(root),
    });
  }
  const further = { extraJson: json({ additionalDirectories: [outside] }) };
  await expect(open(service, further)).rejects.toMatchObject({ reason: "directory-not-allowed" });
  await expect(open(service, { cwd: join(root, "none") })).rejects.toMatchObject({
    reason: "directory-not-found",
  });
  await expect(open(service, { cwd: "project" })).rejects.toMatchObject({ reason: "directory-not-absolute" });
});

test("a client that goes away leaves its turn running, and a watcher sees how it ends", async () => {
  const service = await serve([scripted(LONG)]);
  const { id } = await open(service);
  const call = new PromptCall(service).prompt(id, "long");
  await call.event("updateJson");
  await call.goAway();
  const watcher = watching(service, { sessionId: id });
  expect((await watcher.next()).value?.message?.value).toMatchObject({ state: SessionState.RUNNING });
  await service.forward(finish(id), context());
  for await (const { message } of watcher) {
    if (message?.case === "event" && message.value.body?.case === "turnEnded") break;
  }
  expect(text(await transcript(service, id))).toBe("begunfinished");
});

test("a second prompt waits, is told so, and runs after the first; or is refused where it must not wait", async () => {
  const service = await serve([scripted(LONG)]);
  const { id } = await open(service);
  const first = new PromptCall(service).prompt(id, "long");
  await first.event("updateJson");
  await expect(turn(service, id, "quick", { refuseIfRunning: true })).rejects.toMatchObject({
    reason: "turn-running",
  });
  const second = new PromptCall(service).prompt(id, "quick").halfClose();
  const queued = await second.until((response) => response.message?.case === "queued");
  expect(queued.message?.value).toMatchObject({ ahead: 1 });
  await service.forward(finish(id), context());
  expect(text(await second.rest())).toBe("finishedquick");
  expect(kinds(await first.halfClose().rest())).toContain("turnEnded");
});

test("prompts beyond the bound are refused", async () => {
  const service = await serve([scripted(LONG)]);
  const { id } = await open(service);
  const call = new PromptCall(service);
  for (let i = 0; i < 18; i++) call.prompt(id, "long");
  await expect(call.rest()).rejects.toMatchObject({ reason: "too-many-prompts" });
});

test("sessions beyond the limit wait their turn, beyond the bound of the line are refused, and a closed one makes room", async () => {
  const service = await serve([scripted("{}", { maxSessions: 2 }), scripted("{}", { id: "other" })], {
    maxLive: 3,
  });
  const { id } = await open(service);
  await open(service);
  await open(service, { agentId: "other" });
  expect(service.offers()).toMatchObject([
    { id: "coder", state: 2, sessions: 2 },
    { id: "other", sessions: 1 },
  ]);
  const abort = new AbortController();
  const refused = Promise.withResolvers<unknown>();
  const waiting = Array.from({ length: MAX_WAITING_OF_GROUP + 1 }, async () => {
    const opening = open(service, { agentId: "other" }, context(LOCAL, abort.signal));
    return await opening.catch((error: unknown) => {
      refused.resolve(error);
      return undefined;
    });
  });
  // Whichever comes last; all others wait.
  expect(await refused.promise).toMatchObject({
    reason: "too-many-waiting",
    hint: expect.stringContaining("close"),
  });
  await service.closeSession({ $typeName: "clawmatrix.v1.CloseSessionRequest", sessionId: id }, context());
  await expect.poll(() => service.liveSessions).toBe(3);
  abort.abort();
  const opened = (await Promise.all(waiting)).filter((opening) => opening !== undefined);
  expect(opened.map(({ progress }) => progress[0])).toEqual(["waiting for a place (0 before you)"]);
  expect(service.liveSessions).toBe(3);
});

test("an agent that names the conversation of another caller for a new session does not hand it over", async () => {
  const service = await serve([scripted(`{ "session/new": () => ({ sessionId: "the only one" }) }`)]);
  const { id } = await open(service);
  await expect(open(service)).rejects.toMatchObject({ message: expect.stringContaining("new session id") });
  expect(text(await turn(service, id, "mine"))).toBe("mine");
});

test("closing cancels the turn, closes the session on the agent's side, and lets an unused process go", async () => {
  const file = join(await temporaryDirectory(), "asked");
  const trace = `{
    begin: () => { api.note = (what) => process.getBuiltinModule("node:fs").appendFileSync(${JSON.stringify(file)}, what + " "); },
    "session/prompt": ({ sessionId }) => new Promise((resolve) => {
      api.end = () => resolve({ stopReason: "cancelled" });
      api.say(sessionId, String(process.pid));
    }),
    "session/cancel": () => { api.note("cancel"); api.end(); },
    "session/close": () => { api.note("close"); return {}; },
  }`;
  const service = await serve([scripted(trace, { idleMs: 100 })]);
  const { id } = await open(service);
  const call = new PromptCall(service).prompt(id, "go");
  const { value } = await call.event("updateJson");
  const pid = Number((parse(value).content as { text: string }).text);
  await service.closeSession({ $typeName: "clawmatrix.v1.CloseSessionRequest", sessionId: id }, context());
  const events = await call.halfClose().rest();
  expect(bodyOf(events, "turnEnded")).toMatchObject({ stopReason: "cancelled" });
  expect(await readFile(file, "utf8")).toBe("cancel close ");
  expect(bodyOf(await transcript(service, id), "ended")).toMatchObject({ reason: "closed" });
  await expect(turn(service, id, "more")).rejects.toMatchObject({ reason: "session-closed" });
  await expect.poll(() => alive(pid), { timeout: 10_000 }).toBe(false);
});

test("an idle timer ends the process that nobody uses, and never one whose turn is running", async () => {
  const service = await serve([scripted(LONG, { idleMs: 50 })]);
  const { id } = await open(service);
  const call = new PromptCall(service).prompt(id, "long");
  await call.event("updateJson");
  await call.goAway();
  const unused = await open(service, {}, context(LAPTOP));
  const pid = await service.forward(pidOf(unused.id), context());
  expect(pid.answer?.case).toBe("resultJson");
  const { pid: idlePid } = parse(pid.answer?.case === "resultJson" ? pid.answer.value : undefined);
  await service.closeSession(
    { $typeName: "clawmatrix.v1.CloseSessionRequest", sessionId: unused.id },
    context(LAPTOP),
  );
  await expect.poll(() => alive(Number(idlePid)), { timeout: 10_000 }).toBe(false);
  await service.forward(finish(id), context());
  expect(text(await transcript(service, id))).toBe("begunfinished");
});

test("nothing is left after stop, not even a process that was being started", async () => {
  const file = join(await temporaryDirectory(), "pid");
  const stubborn = `process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);
    require("fs").writeFileSync(${JSON.stringify(file)}, String(process.pid))`;
  const service = await serve([
    scripted(PID),
    agent([process.execPath, "-e", stubborn], { id: "starting", timeoutMs: 60_000 }),
  ]);
  const { id } = await open(service);
  const pid = Number((JSON.parse(text(await turn(service, id, "who"))) as unknown[])[0]);
  const starting = expect(open(service, { agentId: "starting" })).rejects.toMatchObject({
    reason: "agent-stopping",
  });
  const read = async (): Promise<number> => Number(await readFile(file, "utf8").catch(() => ""));
  await expect.poll(read, { timeout: 10_000 }).toBeGreaterThan(0);
  await service.stop();
  await starting;
  expect([alive(pid), alive(await read())]).toEqual([false, false]);
});

test("a session outlives the node: it is listed, its transcript is read, and a prompt continues it", async () => {
  const store = { sessionStore: new MemorySessionStore(), eventLog: new MemoryEventLog() };
  const env = { CLAWMATRIX_DEMO_STATE: await temporaryDirectory() };
  const before = await serve([demo({ env })], store);
  const { id } = await open(before, {
    cwd: await temporaryDirectory(),
    kind: { case: "newSession", value: { title: "mine" } },
  });
  await turn(before, id, "remember this");
  await before.stop();

  const after = await serve([demo({ env })], store);
  const { sessions = [] } = await after.listSessions(list, context());
  expect(sessions).toMatchObject([
    { id, title: "mine", description: "remember this", state: SessionState.IDLE },
  ]);
  const history = await after.readHistory(
    { $typeName: "clawmatrix.v1.ReadHistoryRequest", sessionId: id, source: 0, limit: 0, cursor: "" },
    context(),
  );
  expect(text(history.events ?? [])).toContain("remember this");
  const said = text(history.events ?? []);
  const resumed = await open(after, { kind: { case: "resumeSessionId", value: id } });
  expect([SessionOpening.RESUMED, SessionOpening.LOADED]).toContain(resumed.opening);
  expect(text(await transcript(after, id))).toBe(said);
  expect(text(await turn(after, id, "and go on"))).toContain("and go on");
  const attached: SessionOpenedInit = await open(after, { kind: { case: "resumeSessionId", value: id } });
  expect(attached.opening).toBe(SessionOpening.ATTACHED);
});

test("a session that the agent loads is not written to the log twice", async () => {
  const loading = `{
    initialize: () => ({ protocolVersion: 1, agentCapabilities: { loadSession: true } }),
    "session/load": ({ sessionId }) => { api.say(sessionId, "once"); return {}; },
    "session/prompt": ({ sessionId, prompt }) => {
      if (prompt[0].text === "die") process.exit(0);
      api.say(sessionId, "once");
      return { stopReason: "end_turn" };
    },
  }`;
  const service = await serve([scripted(loading)]);
  const { id } = await open(service);
  await turn(service, id, "a");
  await turn(service, id, "die");
  const events = await turn(service, id, "b");
  expect(bodyOf(events, "reopened")).toBe(SessionOpening.LOADED);
  expect(text(await transcript(service, id))).toBe("onceonce");
  // One that only the agent knows comes with what the agent repeats of it.
  const adopted = await open(service, { kind: { case: "agentSessionId", value: "theirs" } });
  expect(text(await transcript(service, adopted.id))).toBe("once");
});

test("a watcher gets the session, what is kept from its number on, then what comes, and sees who else is there", async () => {
  const service = await serve([scripted()]);
  const { id } = await open(service);
  await turn(service, id, "one");
  const lastSeq = (await transcript(service, id)).at(-1)?.seq ?? 0;
  const watcher = watching(service, { sessionId: id, sinceSeq: lastSeq, watchOnly: true });
  const first = (await watcher.next()).value?.message;
  expect(first).toMatchObject({ case: "session", value: { id, lastSeq: expect.any(Number) } });
  const running = turn(service, id, "two");
  const seen: string[] = [];
  const seqs: number[] = [];
  for await (const { message } of watcher) {
    seen.push(message?.case === "event" ? (message.value.body?.case ?? "") : (message?.case ?? ""));
    if (message?.case === "event") seqs.push(message.value.seq ?? 0);
    if (seen.at(-1) === "turnEnded") break;
  }
  await running;
  expect(seen).toContain("caughtUp");
  expect(seqs).toEqual(seqs.map((_, index) => lastSeq + 1 + index));
  const watchers = (await transcript(service, id)).flatMap(({ body }) =>
    body?.case === "watchers" ? [body.value.watchers] : [],
  );
  expect(watchers.some((all) => all?.length === 2 && all.some(({ control }) => control === false))).toBe(
    true,
  );
});

test("sessions are listed page by page, the latest changed first", async () => {
  const service = await serve([scripted("{}", { maxSessions: 10 })]);
  const opened: string[] = [];
  for (let i = 0; i < 5; i++) opened.push((await open(service)).id);
  await turn(service, opened[0] ?? "", "now the latest");
  const seen: string[] = [];
  let cursor = "";
  do {
    const page = await service.listSessions({ ...list, limit: 2, cursor }, context());
    seen.push(...(page.sessions ?? []).map((session) => session.id ?? ""));
    cursor = page.nextCursor ?? "";
  } while (cursor !== "");
  expect(seen).toHaveLength(5);
  expect(seen[0]).toBe(opened[0]);
  expect(new Set(seen)).toEqual(new Set(opened));
  await expect(service.listSessions({ ...list, cursor: "../../etc" }, context())).rejects.toMatchObject({
    reason: "bad-cursor",
  });
});

test("checking an agent shows each phase with its response, and what it wrote when it fails", async () => {
  const service = await serve([
    scripted(),
    scripted(
      '{ "session/new": () => { console.error("no login"); throw Object.assign(new Error("log in first"), { code: -32000 }); } }',
      { id: "broken" },
    ),
  ]);
  const check = async (agentId: string) => {
    const phases = [];
    const request = { $typeName: "clawmatrix.v1.CheckAgentRequest", agentId } as const;
    for await (const phase of service.checkAgent(request, context())) phases.push(phase);
    return phases;
  };
  const good = await check("coder");
  expect(good.map(({ phase }) => phase)).toEqual(["start", "initialize", "session/new", "session/close"]);
  expect(parse(good[1]?.responseJson)).toMatchObject({ protocolVersion: 1 });
  expect(good.every(({ error = "" }) => error === "")).toBe(true);
  expect((await check("broken")).at(-1)).toMatchObject({
    phase: "session/new",
    error: expect.stringContaining("log in first"),
    stderrTail: "no login",
  });
  expect(service.liveSessions).toBe(0);
});

test("any other request of ACP is forwarded with the agent's own id of the session", async () => {
  const service = await serve([scripted('{ "_vendor/undo": (params) => ({ got: params }) }')]);
  const { id } = await open(service);
  const request = {
    $typeName: "clawmatrix.v1.ForwardRequest",
    sessionId: id,
    method: "_vendor/undo",
    paramsJson: json({ sessionId: id, steps: 2 }),
    notification: false,
    agentId: "",
    clientCapabilitiesJson: new Uint8Array(),
  } as const;
  const { answer } = await service.forward(request, context());
  expect(answer?.case === "resultJson" && parse(answer.value)).toEqual({
    got: { sessionId: "s1", steps: 2 },
  });
  const unknown = await service.forward({ ...request, method: "_vendor/none" }, context());
  expect(unknown.answer?.case === "errorJson" && parse(unknown.answer.value)).toMatchObject({ code: -32601 });
  await expect(service.forward({ ...request, method: "session/prompt" }, context())).rejects.toMatchObject({
    hint: "call AgentService.Prompt",
  });
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

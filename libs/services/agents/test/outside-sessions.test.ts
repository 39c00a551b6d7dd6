import { type Caller, type SessionInfoInit, SessionSource, SessionState } from "@clawmatrix/protocol";
import { describe, expect, test } from "vitest";
import {
  type AgentSettings,
  type AgentsService,
  type AgentsServiceOptions,
  type OutsideSession,
  outsideSessionId,
  type ProgramSessions,
} from "../src/index.ts";
import {
  agent,
  context,
  json,
  kinds,
  LAPTOP,
  LOCAL,
  NODE,
  OFFICE,
  open,
  scripted,
  serve,
  temporaryDirectory,
  text,
  transcript,
  turn,
} from "./agents-harness.ts";

/** Sessions that programs keep, as a list of their own. */
class KeptSessions implements ProgramSessions {
  readonly all: OutsideSession[] = [];
  asked = 0;
  stale = false;

  add(source: SessionSource, agentSessionId: string, more: Partial<OutsideSession> = {}): OutsideSession {
    const session = {
      id: outsideSessionId(NODE, source, agentSessionId),
      source,
      agentSessionId,
      cwd: "",
      title: `title of ${agentSessionId}`,
      description: `what ${agentSessionId} is about`,
      createdAt: 1,
      updatedAt: 1_000 - this.all.length,
      ...more,
    };
    this.all.push(session);
    return session;
  }

  async page({ after, limit }: Parameters<ProgramSessions["page"]>[0]) {
    this.asked++;
    const from = after === undefined ? 0 : this.all.findIndex(({ updatedAt }) => updatedAt < after.updatedAt);
    return { sessions: from < 0 ? [] : this.all.slice(from, from + limit), stale: this.stale };
  }

  async find(id: string) {
    this.asked++;
    return this.all.find((session) => session.id === id);
  }

  isListed(id: string) {
    return this.all.some((session) => session.id === id);
  }

  async read(_id: string, { cursor }: { cursor: string }) {
    const said = (seq: number, words: string) => ({
      seq,
      at: seq,
      updateJson: json({ sessionUpdate: "agent_message_chunk", content: { type: "text", text: words } }),
    });
    return cursor === ""
      ? { events: [said(1, "one ")], nextCursor: "next" }
      : { events: [said(2, "two")], nextCursor: "" };
  }
}

/** An agent whose command says that it is that of a program; what it loads it tells again. */
const LOADS = `{
  initialize: () => ({ protocolVersion: 1, agentCapabilities: { loadSession: true, sessionCapabilities: { resume: {} } } }),
  "session/load": ({ sessionId, cwd }) => { api.say(sessionId, "told of " + sessionId + " in " + cwd); return {}; },
}`;

function ofProgram(name: string, settings: Partial<AgentSettings> = {}): AgentSettings {
  const [node = "", script = ""] = scripted().command;
  return agent([node, script, LOADS, name], settings);
}

const listed = async (service: AgentsService, caller: Caller = LOCAL, more: object = {}) => {
  const request = {
    $typeName: "clawmatrix.v1.ListSessionsRequest",
    agentId: "",
    limit: 0,
    cursor: "",
    liveOnly: false,
    ...more,
  } as const;
  return await service.listSessions(request, context(caller));
};
const rows = async (...args: Parameters<typeof listed>): Promise<readonly SessionInfoInit[]> =>
  (await listed(...args)).sessions ?? [];
const resume = (service: AgentsService, value: string, caller: Caller = LOCAL) =>
  open(service, { agentId: "", kind: { case: "resumeSessionId", value } }, context(caller));
const granting = (...capabilities: string[]): AgentsServiceOptions["grants"] => ({
  allows: (_caller, capability) =>
    capabilities.some(
      (each) => capability === each || (each === "agent:*" && capability.startsWith("agent:")),
    ),
});
const history = (service: AgentsService, sessionId: string, caller: Caller = LOCAL, cursor = "") =>
  service.readHistory(
    { $typeName: "clawmatrix.v1.ReadHistoryRequest", sessionId, source: 0, limit: 0, cursor },
    context(caller),
  );

describe("sessions that other programs keep", () => {
  test("are listed among the mesh's own in one order, each with its source and what becomes of it", async () => {
    const kept = new KeptSessions();
    const claude = kept.add(SessionSource.CLAUDE_CODE, "c1", {
      cwd: "/src/api",
      updatedAt: Date.now() + 60_000,
    });
    kept.add(SessionSource.OPENCLAW, "k1", { updatedAt: 5 });
    const service = await serve([ofProgram("claude-agent-acp")], { programSessions: kept });
    const { id } = await open(service);
    expect(await rows(service)).toMatchObject([
      {
        id: claude.id,
        source: SessionSource.CLAUDE_CODE,
        agentId: "coder",
        agentSessionId: "c1",
        title: "title of c1",
        description: "what c1 is about",
        cwd: "/src/api",
        state: SessionState.IDLE,
      },
      { id, source: SessionSource.LIVE },
      { source: SessionSource.OPENCLAW, agentId: "", state: SessionState.CLOSED },
    ]);
    expect((await rows(service, LOCAL, { agentId: "coder" })).map((row) => row.agentSessionId)).toEqual([
      "c1",
      "s1",
    ]);
  });

  test("are not asked for when only live ones are wanted", async () => {
    const kept = new KeptSessions();
    kept.add(SessionSource.CODEX, "c1");
    const service = await serve([scripted()], { programSessions: kept });
    const { id } = await open(service);
    expect((await rows(service, LOCAL, { liveOnly: true })).map((row) => row.id)).toEqual([id]);
    expect(kept.asked).toBe(0);
  });

  test("come by page without a gap or a double, and say when a newer list is being made", async () => {
    const kept = new KeptSessions();
    const ids = Array.from(
      { length: 1_300 },
      (_, at) => kept.add(SessionSource.CODEX, `c${at}`, { updatedAt: 5_000 - at }).id,
    );
    kept.stale = true;
    const service = await serve([scripted()], { programSessions: kept });
    const { id } = await open(service);
    const seen: (string | undefined)[] = [];
    let cursor = "";
    do {
      const page = await listed(service, LOCAL, { cursor, limit: 400 });
      expect(page.stale).toBe(true);
      seen.push(...(page.sessions ?? []).map((row) => row.id));
      cursor = page.nextCursor ?? "";
    } while (cursor !== "");
    expect(seen).toEqual([id, ...ids]);
  });

  test("are hidden by the session of the mesh that the program wrote down itself", async () => {
    const kept = new KeptSessions();
    const service = await serve([ofProgram("claude-agent-acp")], { programSessions: kept });
    const { id } = await open(service);
    kept.add(SessionSource.CLAUDE_CODE, "s1");
    expect((await rows(service)).map((row) => row.id)).toEqual([id]);
  });

  test("are read page by page and by watching, without an agent", async () => {
    const kept = new KeptSessions();
    const { id } = kept.add(SessionSource.OPENCLAW, "k1");
    const service = await serve([], { programSessions: kept });
    const first = await history(service, id);
    expect(first).toMatchObject({ session: { id, title: "title of k1" }, nextCursor: "next" });
    const second = await history(service, id, LOCAL, first.nextCursor);
    expect(text([...(first.events ?? []), ...(second.events ?? [])])).toBe("one two");
    const events = await transcript(service, id);
    expect(kinds(events)).toEqual(["updateJson", "updateJson", "ended"]);
    expect(text(await transcript(service, id, 1))).toBe("two");
  });

  test("are taken up by the agent of their program, in their directory, under the id they had, however many ask", async () => {
    const kept = new KeptSessions();
    const cwd = await temporaryDirectory();
    const { id } = kept.add(SessionSource.CLAUDE_CODE, "c1", { cwd });
    const service = await serve(
      [scripted("{}", { id: "other" }), ofProgram("claude-agent-acp", { id: "claude" })],
      {
        programSessions: kept,
      },
    );
    const [opened, again] = await Promise.all([resume(service, id), resume(service, id)]);
    expect(opened.session).toMatchObject({
      id,
      agentId: "claude",
      agentSessionId: "c1",
      title: "title of c1",
    });
    expect(again.id).toBe(id);
    expect(text(await transcript(service, id))).toBe(`told of c1 in ${cwd}`);
    expect((await rows(service)).map((row) => [row.id, row.source])).toEqual([[id, SessionSource.LIVE]]);
    expect(text(await turn(service, id, "go on"))).toBe("go on");
  });

  test("are neither prompted nor closed before, and the error says what to do", async () => {
    const kept = new KeptSessions();
    const { id } = kept.add(SessionSource.CODEX, "c1");
    const service = await serve([scripted()], { programSessions: kept });
    const refused = { reason: "session-not-open", hint: expect.stringContaining(`session resume ${id}`) };
    await expect(turn(service, id, "hello")).rejects.toMatchObject(refused);
    const close = { $typeName: "clawmatrix.v1.CloseSessionRequest", sessionId: id } as const;
    await expect(service.closeSession(close, context())).rejects.toMatchObject(refused);
    await expect(service.closeSession(close, context(LAPTOP))).rejects.toMatchObject({
      reason: "no-such-session",
    });
  });

  test("keep their id when an agent is asked for them by its own", async () => {
    const kept = new KeptSessions();
    const { id } = kept.add(SessionSource.CODEX, "c1");
    const service = await serve(
      [ofProgram("/usr/lib/node_modules/@agentclientprotocol/codex-acp/dist/index.js")],
      {
        programSessions: kept,
      },
    );
    expect(await open(service, { kind: { case: "agentSessionId", value: "c1" } })).toMatchObject({ id });
  });

  test("that no agent here can take up say why, and what to do", async () => {
    const kept = new KeptSessions();
    const { id } = kept.add(SessionSource.CODEX, "c1");
    const service = await serve([ofProgram("claude-agent-acp")], { programSessions: kept });
    await expect(resume(service, id)).rejects.toMatchObject({
      reason: "no-agent-for-session",
      message: expect.stringContaining("is kept by Codex"),
      hint: expect.stringContaining("agents add codex"),
    });
  });

  test("whose agent fails to take them up are listed as before", async () => {
    const kept = new KeptSessions();
    const { id } = kept.add(SessionSource.CODEX, "c1");
    const [node = "", script = ""] = scripted().command;
    const fails = LOADS.replace("api.say(", "throw new Error('gone'); api.say(").replace("resume: {}", "");
    const service = await serve([agent([node, script, fails, "codex-acp"])], { programSessions: kept });
    await expect(resume(service, id)).rejects.toMatchObject({ reason: "agent-error" });
    expect(await rows(service)).toMatchObject([{ id, source: SessionSource.CODEX }]);
  });
});

describe("a peer", () => {
  const withSecrets = async (grants?: AgentsServiceOptions["grants"]) => {
    const kept = new KeptSessions();
    const claude = kept.add(SessionSource.CLAUDE_CODE, "c1");
    const openClaw = kept.add(SessionSource.OPENCLAW, "k1");
    const service = await serve([ofProgram("claude-agent-acp")], {
      programSessions: kept,
      ...(grants && { grants }),
    });
    return { kept, claude, openClaw, service };
  };

  test("sees no title, first message, or word of them without being granted to watch", async () => {
    const { kept, claude, service } = await withSecrets();
    expect(await rows(service, LAPTOP)).toEqual([]);
    // Nor does it cost this node anything.
    expect(kept.asked).toBe(0);
    await expect(history(service, claude.id, LAPTOP)).rejects.toMatchObject({ reason: "no-such-session" });
    await expect(resume(service, claude.id, LAPTOP)).rejects.toMatchObject({ reason: "no-such-session" });
    expect(kept.asked).toBe(0);
  });

  test("sees them all with `sessions:watch`, and takes none up", async () => {
    const { claude, service } = await withSecrets(granting("agent:*", "sessions:watch"));
    expect(await rows(service, LAPTOP)).toHaveLength(2);
    expect(text((await history(service, claude.id, OFFICE)).events ?? [])).toBe("one ");
    await expect(resume(service, claude.id, LAPTOP)).rejects.toMatchObject({ reason: "not-granted" });
  });

  test("does not see those of an agent that it may not use", async () => {
    const { claude, openClaw, service } = await withSecrets(granting("sessions:watch"));
    expect((await rows(service, LAPTOP)).map((row) => row.id)).toEqual([openClaw.id]);
    await expect(history(service, claude.id, LAPTOP)).rejects.toMatchObject({ reason: "not-granted" });
  });

  test("takes them up with `sessions:control`", async () => {
    const { claude, service } = await withSecrets(granting("agent:*", "sessions:control"));
    expect(await resume(service, claude.id, LAPTOP)).toMatchObject({ id: claude.id });
  });
});

describe("sessions that an agent lists itself", () => {
  const LISTS = `{
    initialize: () => ({ protocolVersion: 1, agentCapabilities: { loadSession: true, sessionCapabilities: { list: {} } } }),
    "session/list": ({ cursor }) => cursor === undefined
      ? { sessions: [{ sessionId: "a", cwd: "/tmp", title: "A", updatedAt: "2026-11-20T10:00:00Z" }, { sessionId: 7 }, null], nextCursor: "2" }
      : { sessions: [{ sessionId: "../b", cwd: "/tmp", updatedAt: "never" }], nextCursor: "2" },
    "session/load": ({ sessionId }) => { api.say(sessionId, "loaded " + sessionId); return {}; },
  }`;
  const asking = { asksAgentsForSessions: () => true };

  test("are listed page by page, and loaded by it under the same id", async () => {
    const service = await serve([scripted(LISTS)], asking);
    const all = await rows(service);
    expect(all).toMatchObject([
      {
        source: SessionSource.AGENT,
        agentId: "coder",
        agentSessionId: "a",
        title: "A",
        cwd: "/tmp",
        state: SessionState.IDLE,
      },
      { source: SessionSource.AGENT, agentSessionId: "../b", updatedAtUnixMs: 0n },
    ]);
    const id = all[0]?.id ?? "";
    await expect(history(service, id)).rejects.toMatchObject({
      reason: "transcript-not-read",
      hint: expect.stringContaining(`session resume ${id}`),
    });
    expect(await resume(service, id)).toMatchObject({ id, session: { title: "A" } });
    expect(text(await transcript(service, id))).toBe("loaded a");
    expect((await rows(service)).map((row) => row.source)).toEqual([SessionSource.LIVE, SessionSource.AGENT]);
  });

  test("are asked for of nobody who does not say that it can, and not while that is switched off", async () => {
    const counts = `{ "session/list": () => { throw new Error("not asked"); } }`;
    expect(await rows(await serve([scripted(counts)], asking))).toEqual([]);
    const off = await serve([scripted(LISTS)]);
    expect(await rows(off)).toEqual([]);
  });

  test("do not keep the rest of the list from being shown when the agent fails", async () => {
    const kept = new KeptSessions();
    kept.add(SessionSource.OPENCLAW, "k1");
    const service = await serve([agent(["/no/such/program"]), scripted(LISTS, { id: "lists" })], {
      ...asking,
      programSessions: kept,
    });
    expect((await rows(service)).map((row) => row.source)).toEqual([
      SessionSource.AGENT,
      SessionSource.OPENCLAW,
      SessionSource.AGENT,
    ]);
  });
});

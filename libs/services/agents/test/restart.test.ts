import { SessionOpening, SessionState } from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import { MemoryEventLog, MemorySessionStore } from "../src/index.ts";
import {
  bodyOf,
  context,
  json,
  kinds,
  open,
  PromptCall,
  parse,
  scripted,
  serve,
  transcript,
  turn,
} from "./agents-harness.ts";

const LIST = {
  $typeName: "clawmatrix.v1.ListSessionsRequest",
  agentId: "",
  limit: 0,
  cursor: "",
  liveOnly: false,
} as const;
/** Resumes in its first mode, says nothing of options, and tells by a prompt what it was asked. */
const SETTINGS = `{
  initialize: () => ({ protocolVersion: 1, agentCapabilities: { sessionCapabilities: { resume: {} } } }),
  "session/new": ({ _meta }) => ({
    sessionId: "s1",
    modes: { currentModeId: "ask", availableModes: [{ id: "ask", name: "Ask" }, { id: "code", name: "Code" }] },
    configOptions: [{ id: "pace", name: "Pace", type: "select", currentValue: "slow", options: [{ value: "slow" }, { value: "fast" }] }],
  }),
  "session/resume": () => ({
    modes: { currentModeId: "ask", availableModes: [{ id: "ask", name: "Ask" }, { id: "code", name: "Code" }] },
    configOptions: [{ id: "pace", name: "Pace", type: "select", currentValue: "slow", options: [{ value: "slow" }, { value: "fast" }] }],
  }),
  "session/set_mode": () => ({}),
  "session/set_config_option": ({ value }) => ({ configOptions: [{ id: "pace", name: "Pace", type: "select", currentValue: value, options: [{ value: "slow" }, { value: "fast" }] }] }),
  "session/prompt": ({ sessionId }) => {
    api.update(sessionId, { sessionUpdate: "available_commands_update", availableCommands: [{ name: "review" }] });
    api.update(sessionId, { sessionUpdate: "usage_update", used: 7, size: 100 });
    api.say(sessionId, JSON.stringify(api.seen.map(({ method, params }) => [method, params.modeId ?? params.value ?? params._meta])));
    return { stopReason: "end_turn" };
  },
}`;

test("mode, options, commands, usage and the fields of its opening survive the restart of the node", async () => {
  const store = { sessionStore: new MemorySessionStore(), eventLog: new MemoryEventLog() };
  const before = await serve([scripted(SETTINGS)], store);
  const { id } = await open(before, { extraJson: json({ _meta: { trace: 7 } }) });
  await before.setMode(
    { $typeName: "clawmatrix.v1.SetModeRequest", sessionId: id, modeId: "code" },
    context(),
  );
  await before.setConfigOption(
    {
      $typeName: "clawmatrix.v1.SetConfigOptionRequest",
      sessionId: id,
      configId: "pace",
      valueJson: json("fast"),
    },
    context(),
  );
  await turn(before, id, "x");
  await before.stop();

  const after = await serve([scripted(SETTINGS)], store);
  const { session } = await after.readHistory(
    { $typeName: "clawmatrix.v1.ReadHistoryRequest", sessionId: id, source: 0, limit: 1, cursor: "" },
    context(),
  );
  expect(session?.state).toBe(SessionState.IDLE);
  expect(parse(session?.modesJson)).toMatchObject({ currentModeId: "code", availableModes: [{}, {}] });
  expect(parse(session?.configOptionsJson)).toMatchObject([{ id: "pace", currentValue: "fast" }]);
  expect(parse(session?.commandsJson)).toEqual([{ name: "review" }]);
  expect(parse(session?.usageJson)).toMatchObject({ used: 7 });
  expect(parse(session?.capabilitiesJson)).toMatchObject({ sessionCapabilities: { resume: {} } });

  // The new process is told what it resumed otherwise.
  const said = await turn(after, id, "x");
  expect(bodyOf(said, "reopened")).toBe(SessionOpening.RESUMED);
  const asked = JSON.stringify(parse(bodyOf(said.slice(-4), "updateJson")));
  expect(kinds(said)).toContain("turnEnded");
  const text = JSON.stringify(said.map(({ body }) => (body?.case === "updateJson" ? parse(body.value) : "")));
  expect(text).toContain('[\\"session/resume\\",{\\"trace\\":7}]');
  expect(text).toContain('[\\"session/set_mode\\",\\"code\\"]');
  expect(text).toContain('[\\"session/set_config_option\\",\\"fast\\"]');
  expect(asked).not.toBe("");
});

test("a node that was killed: its next start ends the turn that ran and the question that waited, and the session goes on", async () => {
  const store = { sessionStore: new MemorySessionStore(), eventLog: new MemoryEventLog() };
  const asking = `{
    initialize: () => ({ protocolVersion: 1, agentCapabilities: { sessionCapabilities: { resume: {} } } }),
    "session/resume": () => ({}),
    "session/prompt": async ({ sessionId, prompt }) => {
      if (prompt[0].text === "ask") await api.request("session/request_permission", {
        sessionId, toolCall: { toolCallId: "t" }, options: [{ optionId: "yes", name: "Yes", kind: "allow_once" }],
      });
      api.say(sessionId, "done");
      return { stopReason: "end_turn" };
    },
  }`;
  const killed = await serve([scripted(asking)], store);
  const { id } = await open(killed);
  const call = new PromptCall(killed).prompt(id, "ask");
  const asked = await call.event("permissionAsked");

  // What it had in the store is all that is left of it.
  const after = await serve([scripted(asking)], store);
  const events = await transcript(after, id);
  expect(bodyOf(events, "answered")).toMatchObject({ id: asked.value.id, how: "cancelled" });
  expect(bodyOf(events, "turnFailed")).toMatchObject({
    turnId: bodyOf(events, "turnStarted").turnId,
    reason: "node-restarted",
  });
  expect(bodyOf(events, "ended")).toMatchObject({ reason: "node-restarted" });
  const { sessions = [] } = await after.listSessions(LIST, context());
  expect(sessions).toMatchObject([{ id, state: SessionState.IDLE }]);
  expect(kinds(await turn(after, id, "go on"))).toContain("turnEnded");
});

test("a session that its agent cannot take up again says so, in its transcript and to whoever tries", async () => {
  const store = { sessionStore: new MemorySessionStore(), eventLog: new MemoryEventLog() };
  const before = await serve([scripted()], store);
  const { id } = await open(before);
  await turn(before, id, "x");
  await before.stop();
  const after = await serve([scripted()], store);
  const events = await turn(after, id, "y");
  expect(bodyOf(events, "turnFailed")).toMatchObject({ reason: "agent-cannot-resume" });
  expect(bodyOf(events, "ended")).toMatchObject({
    reason: "cannot-continue",
    message: expect.stringContaining("neither session/resume nor session/load"),
  });
  await expect(open(after, { kind: { case: "resumeSessionId", value: id } })).rejects.toMatchObject({
    reason: "agent-cannot-resume",
  });
  const { sessions = [] } = await after.listSessions(LIST, context());
  expect(sessions).toMatchObject([{ id, state: SessionState.CLOSED }]);
});

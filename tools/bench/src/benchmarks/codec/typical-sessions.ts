import { AT, CWD, type JsonForm, json, LAPTOP, SERVER, SESSION } from "./typical-values.ts";

function watcher(name: string): JsonForm {
  return { node: LAPTOP, clientId: "tui-4c1d", control: true, name };
}

function sessionInfo(number: number): JsonForm {
  return {
    id: `${SESSION}${number}`,
    agentId: "coder",
    node: SERVER,
    agentSessionId: "0199c5b2-7d31-7a10-9f0e-2b6c1d55e8a1",
    title: "fix flaky login test",
    description: "Find out why test_login is flaky and fix it.",
    cwd: CWD,
    source: "SESSION_SOURCE_LIVE",
    state: "SESSION_STATE_RUNNING",
    createdAtUnixMs: AT,
    updatedAtUnixMs: AT,
    watchers: [watcher("laptop")],
    lastSeq: 1284,
    owner: LAPTOP,
  };
}

/** A session event of about 200 bytes of ACP's JSON: a piece of the agent's answer. */
export function updateEvent(): JsonForm {
  const text =
    "I'll run the test twenty times to see the failure, then look at the fixture that both of them share.";
  const updateJson = json({
    sessionUpdate: "agent_message_chunk",
    content: { type: "text", text },
    _meta: { "clawmatrix.example/turn": "t-55" },
  });
  return { seq: 1285, atUnixMs: AT, updateJson };
}

const permissionRequest = json({
  sessionId: SESSION,
  toolCall: {
    toolCallId: "call_9",
    title: "pytest -x test_login.py --count 20",
    kind: "execute",
    status: "pending",
  },
  options: [
    { optionId: "allow", name: "Allow", kind: "allow_once" },
    { optionId: "reject", name: "Reject", kind: "reject_once" },
  ],
});

/** The frames of `AgentService`. */
export function typicalSessions(): Record<string, JsonForm> {
  const waiting = {
    id: "p-31",
    sessionId: SESSION,
    agentId: "coder",
    requestJson: permissionRequest,
    sinceUnixMs: AT,
  };
  return {
    ListSessionsRequest: { agentId: "coder", limit: 100, liveOnly: true },
    ListSessionsResponse: { sessions: [1, 2, 3, 4, 5].map(sessionInfo), nextCursor: "c2Vzc2lvbjo1" },
    OpenSessionRequest: {
      agentId: "coder",
      newSession: { title: "fix flaky login test" },
      cwd: CWD,
      mcpServersJson: json([]),
      clientCapabilitiesJson: json({ fs: { readTextFile: true, writeTextFile: true }, terminal: true }),
    },
    OpenSessionResponse: {
      opened: {
        session: sessionInfo(1),
        responseJson: json({ sessionId: "0199c5b2", modes: { currentModeId: "ask", availableModes: [] } }),
        opening: "SESSION_OPENING_NEW",
      },
    },
    PromptRequest: {
      start: {
        sessionId: SESSION,
        promptJson: json([{ type: "text", text: "Find out why test_login is flaky and fix it." }]),
        permission: "PERMISSION_POLICY_ASK",
      },
    },
    PromptResponse: { event: updateEvent() },
    WatchRequest: { sessionId: SESSION, sinceSeq: 1200 },
    WatchResponse: { event: updateEvent() },
    AnswerRequest: { answer: { id: "p-31", optionId: "allow" } },
    AnswerResponse: {},
    CancelRequest: { sessionId: SESSION },
    CancelResponse: { wasRunning: true },
    SetModeRequest: { sessionId: SESSION, modeId: "ask" },
    SetModeResponse: { responseJson: json({}) },
    SetConfigOptionRequest: { sessionId: SESSION, configId: "model", valueJson: json("qwen3-coder") },
    SetConfigOptionResponse: {
      responseJson: json({ configOptions: [{ id: "model", value: "qwen3-coder" }] }),
    },
    CloseSessionRequest: { sessionId: SESSION },
    CloseSessionResponse: {},
    ReadHistoryRequest: { sessionId: SESSION, source: "SESSION_SOURCE_LIVE", limit: 200 },
    ReadHistoryResponse: {
      session: sessionInfo(1),
      events: Array.from({ length: 10 }, updateEvent),
      nextCursor: "c2VxOjEyODU",
    },
    ListWaitingRequest: {},
    ListWaitingResponse: { inputs: [waiting] },
    WatchWaitingRequest: {},
    WatchWaitingResponse: { inputs: [waiting] },
    CheckAgentRequest: { agentId: "coder" },
    CheckAgentResponse: {
      phase: "initialize",
      tookMs: 412,
      responseJson: json({ protocolVersion: 1, agentCapabilities: { loadSession: true } }),
    },
    ForwardRequest: { sessionId: SESSION, method: "_vendor/usage", paramsJson: json({ detail: true }) },
    ForwardResponse: { resultJson: json({ inputTokens: 12400, outputTokens: 3100 }) },
    DescribeAgentRequest: { agentId: "coder", clientCapabilitiesJson: json({ fs: { readTextFile: true } }) },
    DescribeAgentResponse: {
      initializeJson: json({ protocolVersion: 1, agentCapabilities: { loadSession: true } }),
    },
  };
}

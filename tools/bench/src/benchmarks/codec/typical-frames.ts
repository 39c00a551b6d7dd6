/** A message in protobuf's JSON form: bytes as base64, 64-bit numbers as text, enums by name. */
export type JsonForm = { readonly [field: string]: unknown };

/**
 * A typical value of every frame type, by the message's name: what a mesh of a few machines sends while somebody
 * works in it. The bench refuses to run while a frame type is missing here.
 */
export function typicalFrames(): Readonly<Record<string, JsonForm>> {
  return {
    ...linksAndGossip(),
    ...sessions(),
    ...handoffs(),
    ...toolsAndTerminals(),
    ...members(),
    ...diagnostics(),
  };
}

const AT = "1795340000123";
const SESSION = "s-7f3a9c21d4e8";
const HANDOFF = "h-20c4e17b55aa";
const CWD = "/home/mara/src/api";

function bytes(length: number, seed: number): string {
  return Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 73 + seed * 31 + 7) & 0xff)).toString(
    "base64",
  );
}

const LAPTOP = bytes(16, 1);
const RELAY = bytes(16, 2);
const SERVER = bytes(16, 3);

function json(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64");
}

function linksAndGossip(): Record<string, JsonForm> {
  const signed = (seed: number) => ({ record: bytes(420, seed), signature: bytes(64, seed + 1) });
  const entry = (seed: number) => ({ entry: bytes(140, seed), signature: bytes(64, seed + 1) });
  return {
    Heartbeat: { number: 4711 },
    HeartbeatAnswer: { number: 4711 },
    Undeliverable: { destination: SERVER, reason: "UNDELIVERABLE_REASON_NO_ROUTE" },
    Acknowledgement: {
      cumulative: "183522",
      ranges: [
        { first: "183524", last: "183530" },
        { first: "183533", last: "183533" },
      ],
      delayUs: 850,
      windowBytes: 1048576,
    },
    ChannelProbe: {},
    ChannelClose: { reason: "CHANNEL_CLOSE_REASON_IDLE" },
    StreamOpen: {},
    CallStatus: {
      code: "STATUS_CODE_UNAVAILABLE",
      message: "the agent codex ended with exit code 1 while it started",
      reason: "agent-exited",
      hint: "see `clawmatrix agents check codex`",
      retryable: true,
    },
    CallCredit: { bytes: 131072 },
    StreamEnd: {},
    RecordPush: { records: [signed(1)] },
    MembershipPush: { entries: [entry(5)] },
    GossipSummary: { records: bytes(16, 8), entries: bytes(16, 9) },
    GossipDigest: {
      records: Array.from({ length: 20 }, (_, i) => ({ node: bytes(16, i), version: String(1000 + i * 37) })),
      entries: Array.from({ length: 24 }, (_, i) => bytes(16, i + 50)),
    },
  };
}

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
function updateEvent(): JsonForm {
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

function sessions(): Record<string, JsonForm> {
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
  };
}

function handoffs(): Record<string, JsonForm> {
  const handoff = {
    id: HANDOFF,
    agentId: "coder",
    node: SERVER,
    requester: LAPTOP,
    state: "HANDOFF_STATE_WORKING",
    task: "Update the dependencies of the api, run the tests, and open a branch with what had to change.",
    createdAtUnixMs: AT,
    updatedAtUnixMs: AT,
    attempts: 1,
    sessionId: SESSION,
    cwd: CWD,
  };
  return {
    HandoffServiceStartRequest: {
      id: HANDOFF,
      agentId: "coder",
      task: handoff.task,
      cwd: CWD,
      permission: "PERMISSION_POLICY_READS",
      expiresAtUnixMs: AT,
      attempt: 1,
    },
    HandoffServiceStartResponse: { handoff },
    HandoffServiceWatchRequest: { id: HANDOFF, sinceSeq: 17 },
    HandoffServiceWatchResponse: { event: updateEvent() },
    SendInputRequest: { id: HANDOFF, text: "Take the newer one, and note it in the changelog." },
    SendInputResponse: { handoff },
    HandoffServiceCancelRequest: { id: HANDOFF },
    HandoffServiceCancelResponse: { handoff },
    HandoffServiceGetStatusRequest: { id: HANDOFF },
    HandoffServiceGetStatusResponse: { handoff },
    HandoffServiceListRequest: { limit: 100, openOnly: true },
    HandoffServiceListResponse: { handoffs: [handoff, handoff, handoff] },
  };
}

function toolsAndTerminals(): Record<string, JsonForm> {
  const call = {
    toolId: "read_file",
    argumentsJson: json({ path: `${CWD}/tests/test_login.py`, limit: 200 }),
  };
  const output = { stream: "OUTPUT_STREAM_STDOUT", data: bytes(1024, 4) };
  const tool = (id: string) => ({
    id,
    description: "Reads a file in one of the node's directories, whole or in part.",
    argumentsSchemaJson: json({
      type: "object",
      properties: { path: { type: "string" } },
      required: ["path"],
    }),
  });
  const sse = `data: {"choices":[{"delta":{"content":" the"},"index":0}],"object":"chat.completion.chunk"}\n\n`;
  return {
    InvokeRequest: {
      head: {
        modelId: "qwen3-coder",
        method: "POST",
        path: "/chat/completions",
        headers: [
          { name: "content-type", value: "application/json" },
          { name: "accept", value: "text/event-stream" },
          { name: "user-agent", value: "OpenAI/JS 6.9.1" },
        ],
      },
    },
    InvokeResponse: { body: Buffer.from(sse).toString("base64") },
    ToolServiceListRequest: {},
    ToolServiceListResponse: { tools: ["read_file", "write_file", "edit_file", "exec"].map(tool) },
    CallRequest: call,
    CallResponse: { output },
    CallBatchRequest: { calls: [call, call, call] },
    CallBatchResponse: {
      index: 1,
      result: { ok: true, contentJson: json([{ type: "text", text: "3 of 20 failed" }]), exitCode: 0 },
    },
    TerminalServiceOpenRequest: { input: { data: bytes(3, 1) } },
    TerminalServiceOpenResponse: { output: { data: bytes(180, 2) } },
    AttachRequest: { input: { resize: { columns: 132, rows: 43 } } },
    AttachResponse: { output: { data: bytes(180, 2) } },
    TerminalServiceListRequest: {},
    TerminalServiceListResponse: {
      terminals: [{ id: "t-5a", command: "/bin/zsh", cwd: CWD, startedAtUnixMs: AT, attached: true }],
    },
  };
}

function members(): Record<string, JsonForm> {
  const keys = { signingKey: bytes(32, 1), agreementKey: bytes(32, 2) };
  const member = {
    id: SERVER,
    name: "server",
    role: "MEMBER_ROLE_MEMBER",
    state: "MEMBER_STATE_ADMITTED",
    sinceUnixMs: AT,
    by: LAPTOP,
  };
  const entry = { entry: bytes(140, 3), signature: bytes(64, 4) };
  return {
    RequestAdmissionRequest: { keys, name: "server", admission: entry },
    RequestAdmissionResponse: { state: "ADMISSION_STATE_ADMITTED", entries: [entry, entry, entry] },
    ListPendingRequest: {},
    ListPendingResponse: {
      pending: [
        {
          id: SERVER,
          keys,
          name: "server",
          address: "203.0.113.7",
          sinceUnixMs: AT,
          via: RELAY,
          reason: "expired",
        },
      ],
    },
    ApproveRequest: { id: SERVER, keys, name: "server" },
    ApproveResponse: { member },
    DenyRequest: { id: SERVER },
    DenyResponse: {},
    RevokeRequest: { id: SERVER, reason: "machine sold" },
    RevokeResponse: { member },
    InviteRequest: { name: "server", expiresInMs: 3600000 },
    InviteResponse: {
      invitation: `clawmatrix1:${bytes(300, 6).replaceAll("+", "-").replaceAll("/", "_")}`,
      expiresAtUnixMs: AT,
      addresses: ["wss://home.example/mesh", "wss://relay.example:19000"],
    },
    ListMembersRequest: {},
    ListMembersResponse: { members: [member, member, member, member] },
    AppointOperatorRequest: { id: SERVER, operator: true },
    AppointOperatorResponse: { member },
  };
}

function diagnostics(): Record<string, JsonForm> {
  const agents = [
    {
      id: "coder",
      description: "Claude Code in the monorepo",
      tags: ["typescript"],
      state: "AGENT_STATE_READY",
      sessions: 2,
    },
  ];
  const models = [{ id: "qwen3-coder", api: "openai", state: "ready" }];
  const tools = [{ id: "exec", description: "Runs a command" }];
  const node = (name: string) => ({
    id: SERVER,
    name,
    reach: "NODE_REACH_RELAYED",
    via: RELAY,
    viaName: "relay",
    hops: 2,
    rttMs: 12.4,
    softwareVersion: "0.3.0",
    labels: ["home", "linux"],
    agents,
    models,
    tools,
    terminal: true,
    changedAtUnixMs: AT,
    links: [{ peer: RELAY, costUs: 6200 }],
  });
  const status = {
    id: LAPTOP,
    name: "laptop",
    softwareVersion: "0.3.0",
    uptimeMs: "86412345",
    founder: true,
    nodes: [node("relay"), node("server")],
    sessions: 1,
    handoffsWorking: 1,
    agents,
    labels: ["home"],
    membership: "MEMBER_STATE_ADMITTED",
    addresses: ["ws://192.168.1.20:19000"],
  };
  return {
    DiagnosticServiceGetStatusRequest: {},
    DiagnosticServiceGetStatusResponse: { status },
    WatchStatusRequest: {},
    WatchStatusResponse: { status },
    TraceRequest: { destination: SERVER },
    TraceResponse: {
      hops: [
        { id: RELAY, name: "relay", rttMs: 6.2 },
        { id: SERVER, name: "server", rttMs: 12.4 },
      ],
    },
    CheckRequest: {},
    CheckResponse: {
      subject: "agent codex",
      outcome: "CHECK_OUTCOME_WARNING",
      message: "its command codex-acp is not on the PATH",
      hint: "npm install -g @agentclientprotocol/codex-acp",
    },
    TailLogRequest: { lines: 100, follow: true },
    TailLogResponse: {
      lines: [
        `{"level":"info","at":"2026-11-22T11:09:35.123Z","message":"link is up","peer":"relay","rttMs":6.2}`,
      ],
    },
    PingRequest: { payload: bytes(32, 3) },
    PingResponse: { payload: bytes(32, 3) },
    ShutdownRequest: { graceMs: 10000 },
    ShutdownResponse: { progress: "waiting for 2 turns" },
    ReloadRequest: {},
    ReloadResponse: { changed: ["labels", "grants"], restartNeeded: ["mesh.listen"] },
    ForgetNodeRequest: { id: SERVER },
    ForgetNodeResponse: {},
  };
}

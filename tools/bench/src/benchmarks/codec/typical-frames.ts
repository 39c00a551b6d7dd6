import { typicalSessions, updateEvent } from "./typical-sessions.ts";
import {
  AT,
  bytes,
  CWD,
  HANDOFF,
  type JsonForm,
  json,
  LAPTOP,
  RELAY,
  SERVER,
  SESSION,
} from "./typical-values.ts";

/**
 * A typical value of every frame type, by the message's name: what a mesh of a few machines sends while somebody
 * works in it. The bench refuses to run while a frame type is missing here.
 */
export function typicalFrames(): Readonly<Record<string, JsonForm>> {
  return {
    ...linksAndGossip(),
    ...typicalSessions(),
    ...handoffs(),
    ...toolsAndTerminals(),
    ...members(),
    ...diagnostics(),
  };
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
    ReadAuditRequest: { limit: 100 },
    ReadAuditResponse: {
      entries: [
        {
          id: "4711",
          timeUnixMs: "1795345775123",
          node: bytes(16, 5),
          name: "laptop",
          action: "DiagnosticService.TailLog",
          outcome: "AUDIT_OUTCOME_DENIED",
          detail: "not granted",
        },
      ],
    },
    ShutdownRequest: { graceMs: 10000 },
    ShutdownResponse: { progress: "waiting for 2 turns" },
    ReloadRequest: {},
    ReloadResponse: { changed: ["labels", "grants"], restartNeeded: ["mesh.listen"] },
    ForgetNodeRequest: { id: SERVER },
    ForgetNodeResponse: {},
  };
}

/** An id as Claude Code and Codex make them. */
export function uuid(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;
}

/** Lines of Claude Code 2. */
export const claude = {
  user: (content: unknown, more: object = {}) => ({
    parentUuid: null,
    isSidechain: false,
    userType: "external",
    cwd: "/home/ada/src/my-api",
    sessionId: uuid(1),
    version: "2.0.55",
    gitBranch: "main",
    type: "user",
    message: { role: "user", content },
    uuid: uuid(2),
    timestamp: "2026-11-20T10:00:00.000Z",
    ...more,
  }),
  agent: (content: readonly object[], more: object = {}) => ({
    parentUuid: uuid(2),
    isSidechain: false,
    cwd: "/home/ada/src/my-api",
    sessionId: uuid(1),
    type: "assistant",
    message: { id: "msg_01", type: "message", role: "assistant", model: "claude-opus-4-5", content },
    uuid: uuid(3),
    timestamp: "2026-11-20T10:00:05.000Z",
    ...more,
  }),
};

/** Lines of Codex. */
export const codex = {
  meta: (id: string, more: object = {}) => ({
    timestamp: "2026-11-20T10:00:00.000Z",
    type: "session_meta",
    payload: {
      id,
      cwd: "/home/ada/src/tool",
      originator: "codex_cli_rs",
      cli_version: "0.71.0",
      source: "cli",
      ...more,
    },
  }),
  item: (payload: object) => ({ timestamp: "2026-11-20T10:00:07.000Z", type: "response_item", payload }),
  event: (payload: object) => ({ timestamp: "2026-11-20T10:00:06.000Z", type: "event_msg", payload }),
  said: (role: string, text: string) =>
    codex.item({
      type: "message",
      role,
      content: [{ type: role === "user" ? "input_text" : "output_text", text }],
    }),
};

/** Lines of OpenClaw. */
export const openClaw = {
  header: (id: string) => ({
    type: "session",
    version: 3,
    id,
    timestamp: "2026-11-20T10:00:00.000Z",
    cwd: "/home/ada/clawd",
  }),
  message: (message: object) => ({
    type: "message",
    id: "a1b2c3d4",
    parentId: null,
    timestamp: "2026-11-20T10:00:09.000Z",
    message,
  }),
};

export const CLAUDE_PROJECT = ".claude/projects/-home-ada-src-my-api";
export const CODEX_DAY = ".codex/sessions/2026/11/20";
export const OPENCLAW_SESSIONS = ".openclaw/agents/main/sessions";

export function codexFile(id: string): string {
  return `${CODEX_DAY}/rollout-2026-11-20T10-00-00-${id}.jsonl`;
}

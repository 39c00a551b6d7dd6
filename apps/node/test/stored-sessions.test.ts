import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Home, Homes } from "./homes.ts";
import { joinMesh, startRelay, untilSeen } from "./small-mesh.ts";

interface Row {
  readonly id: string;
  readonly source: string;
  readonly [key: string]: unknown;
}

const CLAUDE_ID = "0fd6a5d1-c1e4-494f-82d6-9391ccc1797d";
const CODEX_ID = "019b109f-bc18-7291-9cbf-10cbe0c51250";
const AGENT = fileURLToPath(new URL("fixtures/claude-agent-acp.mjs", import.meta.url));

const homes = new Homes();
let box: Home;
let laptop: Home;
let workspace: string;

/** Writes a file of JSON lines into the home directory that all processes of this test have. */
function lines(path: string, ...values: object[]): void {
  const file = join(homes.directory, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, values.map((value) => `${JSON.stringify(value)}\n`).join(""));
}

beforeAll(async () => {
  workspace = join(homes.directory, "my-api");
  mkdirSync(workspace);
  const said = { sessionId: CLAUDE_ID, cwd: workspace, isSidechain: false };
  lines(
    `.claude/projects/-my-api/${CLAUDE_ID}.jsonl`,
    {
      ...said,
      type: "user",
      timestamp: "2026-11-20T10:00:00.000Z",
      message: { role: "user", content: "why is test_login flaky? 漢" },
    },
    {
      ...said,
      type: "assistant",
      timestamp: "2026-11-20T10:00:05.000Z",
      message: {
        role: "assistant",
        content: [
          { type: "text", text: "It races." },
          { type: "tool_use", id: "t1", name: "Bash", input: { command: "pytest -x" } },
        ],
      },
    },
    { type: "custom-title", customTitle: "flaky login", sessionId: CLAUDE_ID },
  );
  const timestamp = "2026-11-21T10:00:00.000Z";
  lines(
    `.codex/sessions/2026/11/21/rollout-2026-11-21T10-00-00-${CODEX_ID}.jsonl`,
    { timestamp, type: "session_meta", payload: { id: CODEX_ID, cwd: "/srv/tool", source: "cli" } },
    { timestamp, type: "event_msg", payload: { type: "user_message", message: "explain the build" } },
  );
  box = await startRelay(homes);
  laptop = homes.home("laptop");
  await joinMesh(box, laptop);
  appendFileSync(
    join(box.path, "config.toml"),
    `\n[[agents]]\nid = "coder"\ncommand = ${JSON.stringify([process.execPath, AGENT])}\n`,
  );
  await box.ok("config", "check");
  // Its user has another home directory, without sessions.
  const empty = join(homes.directory, "empty");
  mkdirSync(empty);
  const { code } = await laptop.run(["up", "--detach"], { env: { HOME: empty } });
  expect(code).toBe(0);
  await untilSeen(laptop, ({ agents }) => agents.includes("coder"));
});
afterAll(() => homes[Symbol.asyncDispose]());

describe("sessions that other programs keep", () => {
  it("are listed with those of the mesh, read, and taken up by the agent that can", async () => {
    const listed = await box.json<Row[]>("session", "list");
    expect(listed).toMatchObject([
      {
        source: "codex",
        agent: "",
        title: "explain the build",
        cwd: "/srv/tool",
        state: "closed",
        watchers: 0,
      },
      {
        source: "claude-code",
        agent: "coder",
        node: "relay",
        title: "flaky login",
        description: "why is test_login flaky? 漢",
        cwd: workspace,
        state: "idle",
        updatedAt: "2026-11-20T10:00:05.000Z",
      },
    ]);
    const [codex, claude] = listed as [Row, Row];
    expect(await box.ok("session", "list")).toMatch(
      /codex@relay +closed .* explain the build\n.* coder@relay +idle/,
    );
    const shown = await box.run(["session", "show", claude.id]);
    expect(shown).toMatchObject({ code: 0, stdout: "› why is test_login flaky? 漢\nIt races.\n" });
    expect(shown.stderr).toContain("Bash pytest -x");
    const json = (await box.ok("session", "show", claude.id.slice(0, 8), "--json")).trim().split("\n");
    expect(json.map((line) => JSON.parse(line) as object)).toMatchObject([
      { type: "session", id: claude.id },
      { type: "update", seq: 1, update: { sessionUpdate: "user_message_chunk" } },
      { type: "update", seq: 2, update: { sessionUpdate: "agent_message_chunk" } },
      { type: "update", seq: 3, update: { sessionUpdate: "tool_call", toolCallId: "t1" } },
    ]);
    const refused = await box.run(["session", "resume", codex.id]);
    expect(refused.stderr).toMatch(
      /is kept by Codex, and no agent of this node can take it up\n.*agents add codex/,
    );
    expect(refused.code).toBe(1);
    const resumed = await box.json<Row>("session", "resume", claude.id);
    expect(resumed).toMatchObject({ id: claude.id, source: "live", title: "flaky login", cwd: workspace });
    expect(await box.ok("session", "prompt", claude.id, "go on")).toBe("heard go on\n");
    expect(await box.ok("session", "show", claude.id)).toContain(`loaded ${CLAUDE_ID} in ${workspace}`);
    const sources = (await box.json<Row[]>("session", "list")).map(({ id, source }) => [id, source]);
    expect(sources).toEqual([
      [claude.id, "live"],
      [codex.id, "codex"],
    ]);
    expect((await box.run(["session", "show", "../../etc/passwd"])).stderr).toContain("there is no session");
  });

  it("are shown to another node once it was granted to watch, and to nobody once they are switched off", async () => {
    expect(await laptop.json("session", "list")).toEqual([]);
    const [codex] = (await box.json<Row[]>("session", "list")).filter(({ source }) => source === "codex");
    const file = join(box.path, "config.toml");
    appendFileSync(file, '\n[[grants]]\nto = ["laptop"]\nallow = ["sessions:watch"]\n');
    const seen = async (home: Home, source: string) =>
      (await home.json<Row[]>("session", "list")).filter((row) => row.source === source);
    await expect.poll(() => seen(laptop, "codex"), { timeout: 10_000 }).toHaveLength(1);
    expect(await laptop.ok("session", "show", codex!.id)).toBe("› explain the build\n");
    writeFileSync(
      file,
      box.read("config.toml").replace("[sessions]", '[sessions]\nstored = ["claude-code"]'),
    );
    await expect.poll(() => seen(box, "codex"), { timeout: 10_000 }).toEqual([]);
    expect(await seen(laptop, "codex")).toEqual([]);
    expect((await laptop.run(["session", "show", codex!.id])).stderr).toContain("there is no session");
  });
});

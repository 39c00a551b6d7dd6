import { findNode, type OpenedSession, openSession } from "@clawmatrix/client";
import { StatusError } from "@clawmatrix/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { RelayedMesh } from "./relayed-mesh.ts";
import { StreamedTurn } from "./streamed-turn.ts";

const SETUP_MS = 60_000;
const SOON_MS = 15_000;
const REDIAL_MS = 40_000;
/** Shorter than three heartbeats of a second: nobody notices. */
const SHORT_STOP_MS = 1_500;
/** Exit code of a command whose node cannot be reached. */
const UNREACHABLE = 5;

let mesh: RelayedMesh;
const turns: StreamedTurn[] = [];

beforeAll(async () => {
  mesh = await RelayedMesh.start({ relays: ["relay"] });
}, SETUP_MS);

afterEach(() => {
  for (const turn of turns.splice(0)) turn.end();
});

afterAll(() => mesh?.end());

async function startTurn(pieces: number): Promise<StreamedTurn> {
  const turn = new StreamedTurn(mesh.laptop, await mesh.openSession("fast"), pieces);
  turns.push(turn);
  return turn;
}

/** The services of `server`, as a client of `laptop` calls them. */
async function serverAgents() {
  const connection = await mesh.laptop.connect();
  const { status } = await connection.diagnostics().getStatus({});
  return connection.agents(findNode(status!, "server").id);
}

/** What the call comes to: its session's id, or the reason of an error that may not be tried again. */
async function withRetries(call: () => Promise<OpenedSession>): Promise<string> {
  for (;;) {
    try {
      return (await call()).session.id;
    } catch (thrown) {
      const { retryable, reason } = StatusError.from(thrown);
      if (!retryable) return reason;
    }
  }
}

describe("a node that is stopped and continued", { timeout: 90_000 }, () => {
  it("goes on with its streams, whether or not its links were closed meanwhile", async () => {
    const turn = await startTurn(700);
    await turn.received(50, SOON_MS);
    mesh.server.signal("SIGSTOP");
    // Nothing can be waited for: what is shown is that this pause goes by unnoticed.
    await new Promise((resolve) => setTimeout(resolve, SHORT_STOP_MS));
    mesh.server.signal("SIGCONT");
    await turn.received(turn.count + 50, SOON_MS);
    expect(turn.notes).toBe("");
    mesh.server.signal("SIGSTOP");
    await turn.noted("server cannot be reached at the moment; reconnecting", SOON_MS);
    mesh.server.signal("SIGCONT");
    await turn.noted("server can be reached again", REDIAL_MS);
    await turn.result(SOON_MS);
    expect(turn.fault).toBeUndefined();
  });
});

describe("a node that is killed in mid-call", { timeout: 90_000 }, () => {
  it("and started again: the caller is told that the call may be made again", async () => {
    const turn = await startTurn(100_000);
    await turn.received(50, SOON_MS);
    await mesh.server.kill();
    await mesh.server.start();
    const { code, last } = await turn.result(REDIAL_MS);
    expect(last).toMatchObject({ type: "error", code: "unavailable" });
    expect(last.message).toMatch(/has restarted; the call may be made again/);
    expect(code).toBe(UNREACHABLE);
  });

  it("does not execute a durable call again that it has executed before", async () => {
    await mesh.laptop.sees("server", "with its agent", ({ agents }) => agents.length > 0, REDIAL_MS);
    const agents = await serverAgents();
    const ids = async () => (await agents.listSessions({})).sessions.map(({ id }) => id).sort();
    const before = await ids();
    const callId = crypto.getRandomValues(new Uint8Array(16));
    const request = { agentId: "demo", kind: { case: "newSession" as const, value: { title: "once" } } };
    const { session } = await openSession(agents, request, { callId });
    await mesh.server.kill();
    await mesh.server.start();
    await mesh.laptop.sees("server", "with its agent", ({ agents }) => agents.length > 0, REDIAL_MS);
    // The first attempts may meet the channel of the node that is no more, and are told that they may be made again.
    const outcome = await withRetries(() => openSession(agents, request, { callId }));
    expect([session.id, "already-executed"]).toContain(outcome);
    expect(await ids()).toEqual([...before, session.id].sort());
  });
});

import { VirtualClock } from "@clawmatrix/environment";
import { parseNodeId } from "@clawmatrix/identity";
import {
  type AgentServiceClient,
  ListSessionsResponse,
  type ListSessionsResponseInit,
  SessionState,
} from "@clawmatrix/protocol";
import { expect, it, onTestFinished } from "vitest";
import type { NodeLink } from "./node-link.ts";
import { SessionPoll } from "./session-poll.ts";

const NODE = parseNodeId("a".repeat(26));
const POLL_MS = 3_000;

/** A node that says which lists it was asked for. */
function polled(answer: (liveOnly: boolean) => ListSessionsResponseInit = () => ({})) {
  const clock = new VirtualClock();
  const asked: ("live" | "whole")[] = [];
  const agents: Pick<AgentServiceClient, "listSessions"> = {
    listSessions: async ({ liveOnly = false }) => {
      asked.push(liveOnly ? "live" : "whole");
      return ListSessionsResponse.decode(ListSessionsResponse.encode(answer(liveOnly)));
    },
  };
  const link = { agents: () => agents as AgentServiceClient } as unknown as NodeLink;
  const shown: string[] = [];
  const poll = new SessionPoll({
    connected: async () => link,
    clock,
    onSessions: (_node, sessions, whole) =>
      shown.push(`${whole ? "whole" : "live"}: ${sessions.map(({ id }) => id)}`),
    onError: (_node, error) => shown.push(error.message),
  });
  onTestFinished(() => poll.stop());
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const pass = async (polls: number): Promise<void> => {
    for (let i = 0; i < polls; i++) {
      clock.advance(POLL_MS);
      await settle();
    }
  };
  const start = async (): Promise<void> => {
    poll.follow([NODE]);
    await settle();
  };
  return { poll, asked, shown, pass, start, settle };
}

it("asks for all sessions once a minute, and for the live ones meanwhile", async () => {
  const { asked, start, pass } = polled();
  await start();
  await pass(20);
  expect(asked).toEqual(["whole", ...Array(19).fill("live"), "whole"]);
});

it("asks for all again when a session is live no longer, when one was changed here, and while a newer list is being made", async () => {
  let live = ["a"];
  let stale = false;
  const state = SessionState.RUNNING;
  const { poll, asked, start, pass, settle } = polled(() => ({
    sessions: live.map((id) => ({ id, state })),
    stale,
  }));
  await start();
  await pass(1);
  live = [];
  await pass(2);
  expect(asked.splice(0)).toEqual(["whole", "live", "live", "whole"]);
  stale = true;
  poll.refresh(NODE);
  await settle();
  await pass(1);
  stale = false;
  await pass(2);
  expect(asked).toEqual(["whole", "whole", "whole", "live"]);
});

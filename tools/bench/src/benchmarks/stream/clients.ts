import { connectToNode, findNode, type NodeConnection, openSession, startTurn } from "@clawmatrix/client";
import { systemClock, systemRandom } from "@clawmatrix/environment";
import { type AgentServiceClient, PermissionPolicy, type SessionEvent } from "@clawmatrix/protocol";
import { serve } from "../../processes/serve.ts";
import { PACE } from "./flood.ts";

// The clients of a node: one drives the session, others watch it, each on a connection of its own.

interface Audience {
  /** Who drives the session counts as one. */
  readonly watchers: number;
  /** Further ones that stop reading after the first events. */
  readonly stopped: number;
}

let socket = "";

serve({
  start(path: string) {
    socket = path;
  },
  /** Milliseconds from a prompt until all that read on have had the end of its turn, after so many updates. */
  async flood({ updates, watchers, stopped }: Audience & { updates: number }) {
    const connections: NodeConnection[] = [];
    const connect = async (): Promise<AgentServiceClient> => {
      const connection = await connectToNode({ socket, clock: systemClock, random: systemRandom });
      connections.push(connection);
      const { status } = await connection.diagnostics().getStatus({});
      if (status === undefined) throw new Error("the node does not know its mesh");
      return connection.agents(findNode(status, "server").id);
    };
    try {
      const driver = await connect();
      const { session } = await openSession(driver, {
        agentId: "demo",
        kind: { case: "newSession", value: {} },
      });
      await prompt(driver, session.id, PACE).done;
      const since = session.lastSeq;
      const others: Promise<void>[] = [];
      for (let watcher = 1; watcher < watchers; watcher++)
        others.push(watch(await connect(), session.id, updates));
      for (let watcher = 0; watcher < stopped; watcher++)
        await stopReading(await connect(), session.id, since);
      const counted = count(updates);
      const began = performance.now();
      const turn = prompt(driver, session.id, `slow ${updates}`, counted.onEvent);
      await Promise.all([turn.done.then(() => counted.check()), ...others]);
      return performance.now() - began;
    } finally {
      for (const connection of connections) await connection.close();
    }
  },
});

function prompt(
  client: AgentServiceClient,
  sessionId: string,
  text: string,
  onEvent: (event: SessionEvent) => void = () => undefined,
) {
  const content = [{ type: "text", text }];
  return startTurn(client, { sessionId, prompt: content, permission: PermissionPolicy.DENY, onEvent });
}

/** Resolves when the turn that is about to come has ended. */
async function watch(client: AgentServiceClient, sessionId: string, updates: number): Promise<void> {
  const { onEvent, check } = count(updates);
  let caughtUp = false;
  for await (const { message } of client.watch({ sessionId })) {
    if (message.case === "caughtUp") caughtUp = true;
    if (message.case !== "event" || !caughtUp) continue;
    onEvent(message.value);
    if (message.value.body.case === "turnEnded") return check();
  }
  throw new Error("a watcher was told of no end");
}

/** Reads until it has caught up, and nothing more. */
async function stopReading(client: AgentServiceClient, sessionId: string, sinceSeq: number): Promise<void> {
  const events = client.watch({ sessionId, sinceSeq })[Symbol.asyncIterator]();
  for (;;) {
    const { value, done } = await events.next();
    if (done === true || value.message.case === "caughtUp") return;
  }
}

/** Every event once and in order. */
function count(updates: number) {
  let seen = 0;
  let last = 0;
  return {
    onEvent({ seq, body }: SessionEvent): void {
      if (last !== 0 && seq !== last + 1) throw new Error(`event ${seq} came after ${last}`);
      last = seq;
      if (body.case === "updateJson") seen++;
    },
    check(): void {
      if (seen < updates) throw new Error(`${seen} updates came instead of ${updates}`);
    },
  };
}

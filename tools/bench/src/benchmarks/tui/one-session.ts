import { systemClock } from "@clawmatrix/environment";
import { nodeIdFromBytes } from "@clawmatrix/identity";
import {
  type AgentServiceClient,
  type DiagnosticServiceClient,
  MeshStatus,
  SessionEvent,
  SessionInfo,
  type WatchResponse,
} from "@clawmatrix/protocol";
import { type NodeLink, openTui } from "@clawmatrix/tui";
import { keepAdding, LINES_BEFORE, LOADED, lineOf } from "./updates.ts";

/** The terminal UI on a node in memory, with one session whose agent does not stop talking. */
const NODE = new Uint8Array(16).fill(1);
const status = MeshStatus.decode(MeshStatus.encode({ id: NODE, name: "bench" }));
const session = SessionInfo.decode(
  SessionInfo.encode({ id: "s", node: NODE, agentId: "talker", title: "talk" }),
);

const diagnostics: Pick<DiagnosticServiceClient, "watchStatus"> = {
  async *watchStatus() {
    yield { $typeName: "clawmatrix.v1.WatchStatusResponse", status };
    await new Promise(() => undefined);
  },
};
const agents: Pick<AgentServiceClient, "listSessions" | "openSession" | "watch"> = {
  listSessions: async () => ({
    $typeName: "clawmatrix.v1.ListSessionsResponse",
    sessions: [session],
    nextCursor: "",
    stale: false,
  }),
  async *openSession() {
    yield {
      $typeName: "clawmatrix.v1.OpenSessionResponse",
      event: {
        case: "opened",
        value: {
          $typeName: "clawmatrix.v1.SessionOpened",
          session,
          responseJson: new Uint8Array(),
          opening: 1,
        },
      },
    };
  },
  watch,
};

async function* watch(): AsyncGenerator<WatchResponse> {
  let sent = 0;
  let due = LINES_BEFORE;
  let wake = Promise.withResolvers<void>();
  yield message({ case: "session", value: session });
  for (;;) {
    while (sent < due) yield event(sent++);
    if (sent === LINES_BEFORE) {
      yield message({ case: "caughtUp", value: true });
      process.stdout.write(LOADED);
      keepAdding((more) => {
        due += more;
        wake.resolve();
      });
    }
    await wake.promise;
    wake = Promise.withResolvers<void>();
  }
}

/** As it comes from a node: decoded, the agent's update still in JSON. */
function event(index: number): WatchResponse {
  const content = { type: "text", text: `${lineOf(index)}\n\n` };
  const update = { sessionUpdate: "agent_message_chunk", content };
  const body = { case: "updateJson" as const, value: new TextEncoder().encode(JSON.stringify(update)) };
  const encoded = SessionEvent.encode({ seq: index + 1, atUnixMs: BigInt(Date.now()), body });
  return message({ case: "event", value: SessionEvent.decode(encoded) });
}

function message(value: WatchResponse["message"]): WatchResponse {
  return { $typeName: "clawmatrix.v1.WatchResponse", message: value };
}

const link: NodeLink = {
  agents: () => agents as AgentServiceClient,
  diagnostics: () => diagnostics as DiagnosticServiceClient,
  closed: new Promise(() => undefined),
  close: async () => undefined,
};

const { stdin, stdout, stderr, env } = process;
process.exitCode = await openTui({
  connect: async () => link,
  stdin,
  stdout,
  stderr,
  env,
  clock: systemClock,
  firstSession: { agent: "talker", node: nodeIdFromBytes(NODE) },
});

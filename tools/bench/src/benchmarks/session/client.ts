import { connectToNode, findNode, openSession, startTurn } from "@clawmatrix/client";
import { systemClock, systemRandom } from "@clawmatrix/environment";
import { type AgentServiceClient, PermissionPolicy } from "@clawmatrix/protocol";
import { serve } from "../../processes/serve.ts";
import { FIRST_UPDATE, PROMPT } from "./first-update.ts";

// A client of a node, as a screen is one: its connection stays open.

let agents: AgentServiceClient | undefined;

serve({
  async start(socket: string) {
    const connection = await connectToNode({ socket, clock: systemClock, random: systemRandom });
    const { status } = await connection.diagnostics().getStatus({});
    if (status === undefined) throw new Error("the node does not know its mesh");
    agents = connection.agents(findNode(status, "server").id);
  },
  /** Milliseconds from the request for a session until the first update of a prompt in it. */
  async firstUpdate(agentId: string) {
    if (agents === undefined) throw new Error("it is not connected");
    const began = performance.now();
    const { session } = await openSession(agents, { agentId, kind: { case: "newSession", value: {} } });
    let first = Number.NaN;
    const turn = startTurn(agents, {
      sessionId: session.id,
      prompt: [{ type: "text", text: PROMPT }],
      permission: PermissionPolicy.DENY,
      onEvent({ body }) {
        if (!Number.isNaN(first) || body.case !== "updateJson") return;
        const { sessionUpdate } = JSON.parse(Buffer.from(body.value).toString()) as { sessionUpdate: string };
        if (sessionUpdate === FIRST_UPDATE) first = performance.now() - began;
      },
    });
    const { kind } = await turn.done;
    await agents.closeSession({ sessionId: session.id });
    if (kind !== "ended" || Number.isNaN(first)) throw new Error("no update came");
    return first;
  },
});

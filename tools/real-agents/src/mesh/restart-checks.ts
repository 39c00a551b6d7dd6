import * as acp from "@agentclientprotocol/sdk";
import { type Checks, expect } from "../checks.ts";
import { AcpAgent, writtenText } from "../direct/acp-agent.ts";
import { privateEnvironment } from "../private-environment.ts";
import { HELLO, RECALLED } from "../scripted-model/script.ts";
import type { MeshChecksOptions } from "./mesh-checks.ts";
import { completedLines, textOfLines } from "./run-lines.ts";

/** Long enough for a node to come back and for an agent's cold start on a slow machine. */
const CALL_DEADLINE_MS = 90_000;

export interface RestartChecksOptions extends MeshChecksOptions {
  /** The home directory of this run. */
  readonly place: string;
}

/** What outlives a restart of the node on which the agent runs. */
export async function checkRestarts(checks: Checks, options: RestartChecksOptions): Promise<void> {
  const { nodes, agentId, workDirectory, place } = options;

  await checks.check(
    "a session goes on after a restart of server, and the agent knows what was said",
    async () => {
      const { id } = await nodes.laptop.mustJson<{ readonly id: string }>(
        ...["session", "new", `${agentId}@server`, "--cwd", workDirectory],
      );
      const before = completedLines(await nodes.laptop.run("session", "prompt", id, "say hello", "--json"));
      expect(textOfLines(before).includes(HELLO), `the agent wrote: ${textOfLines(before)}`);
      await nodes.restartServer();
      const after = completedLines(await nodes.laptop.run("session", "prompt", id, "recall", "--json"));
      const how = after.find(({ type }) => type === "reopened");
      expect(how !== undefined, `it was neither resumed nor loaded: ${JSON.stringify(after)}`);
      expectRecalled(textOfLines(after));
      await nodes.laptop.must("session", "close", id);
    },
  );

  await checks.check("an editor goes on after a restart of server, and does not notice", async () => {
    const editor = new AcpAgent(nodes.laptop.editorsLaunch(`${agentId}@server`), {
      cwd: workDirectory,
      env: privateEnvironment(place),
      answer: () => undefined,
    });
    try {
      const { methods } = acp;
      const within = () => ({ cancellationSignal: AbortSignal.timeout(CALL_DEADLINE_MS) });
      await editor.calls.request(methods.agent.initialize, {
        protocolVersion: acp.PROTOCOL_VERSION,
        clientCapabilities: {},
      });
      const { sessionId } = await editor.calls.request(methods.agent.session.new, {
        cwd: workDirectory,
        mcpServers: [],
      });
      const prompt = async (text: string): Promise<string> => {
        const content = { sessionId, prompt: [{ type: "text" as const, text }] };
        const { stopReason } = await editor.calls.request(methods.agent.session.prompt, content, within());
        expect(stopReason === "end_turn", `the turn stopped with ${stopReason}`);
        return writtenText(editor.takeReceived());
      };
      const hello = await prompt("say hello");
      expect(hello.includes(HELLO), `the agent wrote: ${hello}`);
      await nodes.restartServer();
      expectRecalled(await prompt("recall"));
    } catch (cause) {
      throw new Error(`standard error of clawmatrix acp ended with: ${editor.errors}`, { cause });
    } finally {
      await editor.stop();
    }
  });
}

function expectRecalled(text: string): void {
  expect(text.includes(RECALLED) && text.includes("say hello"), `after the restart the agent wrote: ${text}`);
}

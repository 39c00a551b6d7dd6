import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as acp from "@agentclientprotocol/sdk";
import type { AgentLaunch } from "../agents/real-agent.ts";
import { type Checks, expect } from "../checks.ts";
import { privateEnvironment } from "../private-environment.ts";
import { COMMAND_ANSWER, HELLO } from "../scripted-model/script.ts";
import type { ScriptedModel } from "../scripted-model/server.ts";
import { AcpAgent, type Received, writtenText } from "./acp-agent.ts";

const CALL_DEADLINE_MS = 30_000;

export interface DirectChecksOptions {
  readonly launch: AgentLaunch;
  readonly model: ScriptedModel;
  /** A directory for this run alone. */
  readonly place: string;
  /** Where the agent works; called `work`. */
  readonly workDirectory: string;
  /** Prints what the agent sends, for who wants to know an agent's ways. */
  readonly show: boolean;
}

/**
 * Speaks to an agent straight over stdio. What fails here is the agent's, or its settings', and not ours:
 * to be run when the checks through the mesh fail, or before a newer version of an agent is taken.
 */
export async function checkDirectly(checks: Checks, options: DirectChecksOptions): Promise<void> {
  const cwd = options.workDirectory;
  let choice: acp.PermissionOptionKind = "allow_once";
  const started = performance.now();
  const agent = new AcpAgent(options.launch, {
    cwd,
    env: privateEnvironment(options.place),
    answer: ({ options: offered }) => offered.find(({ kind }) => kind === choice)?.optionId,
  });
  const take = () => {
    const received = agent.takeReceived();
    if (options.show) show(received);
    return received;
  };
  const prompt = async (sessionId: string, text: string) => {
    const signal = AbortSignal.timeout(CALL_DEADLINE_MS);
    const { stopReason } = await agent.calls.request(
      acp.methods.agent.session.prompt,
      { sessionId, prompt: [{ type: "text", text }] },
      { cancellationSignal: signal },
    );
    return stopReason;
  };

  try {
    const opened = await checks.check("starts and answers initialize", async () => {
      const initialized = await agent.calls.request(acp.methods.agent.initialize, {
        protocolVersion: acp.PROTOCOL_VERSION,
        clientCapabilities: {},
      });
      expect(initialized.protocolVersion === acp.PROTOCOL_VERSION, "speaks another version of ACP");
      if (options.show) console.log(JSON.stringify(initialized, undefined, 1), performance.now() - started);
    });
    if (!opened) return;

    let sessionId = "";
    for (const which of ["first", "second"]) {
      await checks.check(`opens a ${which} session`, async () => {
        const session = await agent.calls.request(acp.methods.agent.session.new, { cwd, mcpServers: [] });
        sessionId = session.sessionId;
        if (options.show) console.log(JSON.stringify(session));
      });
    }
    if (sessionId === "") return;

    await checks.check("answers with text", async () => {
      const stopReason = await prompt(sessionId, "say hello");
      const text = writtenText(take());
      expect(stopReason === "end_turn" && text.includes(HELLO), `stopped with ${stopReason}, wrote: ${text}`);
    });

    await checks.check("asks before it runs a command, and runs it when allowed", async () => {
      choice = "allow_once";
      const stopReason = await prompt(
        sessionId,
        "run a command: echo ran in $(basename $PWD) | tee allowed.txt",
      );
      const received = take();
      const text = writtenText(received);
      expect(stopReason === "end_turn", `stopped with ${stopReason}`);
      expect(
        received.some(({ kind }) => kind === "permission"),
        "ran it without asking",
      );
      expect(text.includes(COMMAND_ANSWER) && text.includes("ran in work"), `wrote: ${text}`);
      const file = await readFile(join(cwd, "allowed.txt"), "utf8");
      expect(file.includes("ran in work"), `the command wrote: ${file}`);
    });

    await checks.check("does not run a command that is refused", async () => {
      choice = "reject_once";
      await prompt(sessionId, "run a command: echo ran anyway | tee refused.txt");
      const received = take();
      expect(
        received.some(({ kind }) => kind === "permission"),
        "did not ask",
      );
      expect(!existsSync(join(cwd, "refused.txt")), "the command ran");
    });

    await checks.check("stops at a cancel, and hangs up on the model", async () => {
      const turn = prompt(sessionId, "slow");
      const exchange = await options.model.exchange(
        ({ step, outcome }) => step.kind === "slow" && outcome === "streaming",
        CALL_DEADLINE_MS,
      );
      await agent.calls.notify(acp.methods.agent.session.cancel, { sessionId });
      const stopReason = await turn;
      take();
      expect(stopReason === "cancelled", `stopped with ${stopReason}`);
      await options.model.exchange(
        (one) => one === exchange && one.outcome === "abandoned",
        CALL_DEADLINE_MS,
      );
    });
  } finally {
    await agent.stop();
    if (options.show && agent.errors !== "") console.log(`standard error ended with:\n${agent.errors}`);
  }
}

function show(received: readonly Received[]): void {
  for (const item of received) console.log(`    ${JSON.stringify(item)}`);
}

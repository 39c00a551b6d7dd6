import { type JsonBytes, toJson } from "@clawmatrix/acp-wire";
import type { Clock } from "@clawmatrix/environment";
import { type CheckAgentResponseInit, StatusError } from "@clawmatrix/protocol";
import type { AgentSettings } from "../agent-settings.ts";
import { CHECK_METHOD } from "../http-agent/check-endpoint.ts";
import { HTTP_AGENT_KEY } from "../http-agent/introduction.ts";
import { declaredCapabilities } from "../process/client-capabilities.ts";
import { type LaunchEnvironment, LaunchError, launchAgent } from "../process/launch-agent.ts";
import type { RunningAgent } from "../process/running-agent.ts";

type Phase = "start" | "initialize" | "endpoint" | "session/new" | "session/close";

export interface CheckAgentOptions {
  readonly settings: AgentSettings;
  readonly environment: LaunchEnvironment;
  /** Where the session runs. */
  readonly cwd: string;
  readonly say: (phase: CheckAgentResponseInit) => void;
  readonly signal: AbortSignal;
}

/**
 * Starts a process of its own, opens a session, closes it, ends the process, and says how each of these went; of an
 * endpoint also whether it answers. Nothing is asked of a model: a check costs nothing and changes nothing.
 */
export async function checkAgent({
  settings,
  environment,
  cwd,
  say,
  signal,
}: CheckAgentOptions): Promise<void> {
  const { clock } = environment;
  const isEndpoint = settings.introduction?.key === HTTP_AGENT_KEY;
  let phase: Phase = "start";
  let begun = clock.monotonic();
  let agent: RunningAgent | undefined;
  const done = (response: JsonBytes, next: Phase, tookMs = clock.monotonic() - begun): void => {
    say({ phase, tookMs: Math.round(tookMs), responseJson: response, stderrTail: agent?.stderrTail });
    phase = next;
    begun = clock.monotonic();
  };
  try {
    agent = await launchAgent(environment, {
      settings,
      clientCapabilities: declaredCapabilities(new Uint8Array()),
      signal,
      onPhase: (ended, tookMs, response) =>
        done(response, ended === "start" ? "initialize" : isEndpoint ? "endpoint" : "session/new", tookMs),
    });
    const options = { timeoutMs: settings.timeoutMs, signal };
    if (isEndpoint) {
      const checked = await agent.connection.request(CHECK_METHOD, toJson({}), options);
      done(checked.bytes, "session/new");
    }
    const opened = await agent.connection.request("session/new", toJson({ cwd, mcpServers: [] }), options);
    done(opened.bytes, "session/close");
    if (!agent.features.close) return;
    const { sessionId } = opened.values;
    const closed = await agent.connection.request("session/close", toJson({ sessionId }), options);
    done(closed.bytes, "session/close");
  } catch (thrown) {
    const error = StatusError.from(thrown);
    const tookMs = elapsed(clock, begun);
    // Its refusal can come before what it wrote about it: all of that is there when it has ended.
    await agent?.stop();
    const stderrTail = thrown instanceof LaunchError ? thrown.stderrTail : agent?.stderrTail;
    say({ phase, tookMs, error: error.message, stderrTail });
  } finally {
    await agent?.stop();
  }
}

function elapsed(clock: Clock, begun: number): number {
  return Math.round(clock.monotonic() - begun);
}

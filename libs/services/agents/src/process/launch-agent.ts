import { type JsonBytes, type JsonObject, toJson, writeObject } from "@clawmatrix/acp-wire";
import type { Clock, Logger } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import type { AgentSettings } from "../agent-settings.ts";
import { readFeatures } from "./agent-features.ts";
import { AgentProcess } from "./agent-process.ts";
import type { ProcessLedger } from "./process-ledger.ts";
import { RunningAgent } from "./running-agent.ts";

/** What every process of an agent is started with. */
export interface LaunchEnvironment {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The node's own environment, which agents inherit. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The version of this software, told to agents. */
  readonly softwareVersion: string;
  readonly ledger: ProcessLedger;
}

export interface LaunchOptions {
  readonly settings: AgentSettings;
  /** As of `declaredCapabilities`. */
  readonly clientCapabilities: JsonBytes;
  /** Ends a start that nobody needs any more. */
  readonly signal?: AbortSignal;
  /** A phase has succeeded. */
  readonly onPhase?: (phase: "start" | "initialize", tookMs: number, response: JsonBytes) => void;
}

/** The version of ACP that this node speaks. */
const ACP_VERSION = 1;
/** What an error shows of the agent's standard error, in characters: its end. */
const SHOWN_STDERR_CHARACTERS = 2_000;

/** An agent that could not be started, with what it wrote to standard error. */
export class LaunchError extends StatusError {
  readonly stderrTail: string;

  constructor(cause: StatusError, stderrTail: string) {
    const said = stderrTail === "" ? "" : `; it wrote:\n${stderrTail.slice(-SHOWN_STDERR_CHARACTERS)}`;
    super(cause.code, cause.message + said, {
      reason: cause.reason,
      hint: cause.hint,
      retryable: cause.retryable,
      cause,
    });
    this.stderrTail = stderrTail;
  }
}

/**
 * Starts the process of an agent and has it answer `initialize`. Nothing is left behind when it fails.
 * @throws LaunchError or another StatusError that says what to do.
 */
export async function launchAgent(
  environment: LaunchEnvironment,
  options: LaunchOptions,
): Promise<RunningAgent> {
  const { clock, logger } = environment;
  const { settings, signal, onPhase } = options;
  const begun = clock.monotonic();
  const env = typeof settings.env === "function" ? await settings.env() : settings.env;
  const params = initializeParams(environment, options, await settings.introduction?.values());
  const process = await AgentProcess.start({
    agentId: settings.id,
    command: settings.command,
    env: { ...environment.env, ...env },
    cwd: settings.directories[0] ?? "",
    clock,
    ledger: environment.ledger,
  });
  const agent = new RunningAgent({ agentId: settings.id, process, clock, logger });
  const started = clock.monotonic();
  onPhase?.("start", started - begun, new Uint8Array());
  try {
    const answer = await agent.connection.request("initialize", params, {
      timeoutMs: settings.timeoutMs,
      ...(signal && { signal }),
    });
    const features = readFeatures(answer.bytes);
    if (features.protocolVersion !== undefined && features.protocolVersion !== ACP_VERSION) {
      throw new StatusError(
        StatusCode.FAILED_PRECONDITION,
        `the agent "${settings.id}" speaks version ${features.protocolVersion} of ACP, this node version ${ACP_VERSION}`,
        { reason: "acp-version", hint: "install a version of the agent that speaks it" },
      );
    }
    agent.initialized(features, answer.bytes);
    onPhase?.("initialize", clock.monotonic() - started, answer.bytes);
    return agent;
  } catch (thrown) {
    await agent.kill();
    throw new LaunchError(StatusError.from(thrown), agent.stderrTail);
  }
}

function initializeParams(
  environment: LaunchEnvironment,
  { settings: { introduction }, clientCapabilities }: LaunchOptions,
  introduced: JsonObject | undefined,
): JsonBytes {
  const meta = introduction === undefined ? undefined : toJson({ [introduction.key]: introduced });
  return writeObject([
    ["protocolVersion", toJson(ACP_VERSION)],
    ["clientCapabilities", clientCapabilities],
    ["clientInfo", toJson({ name: "clawmatrix", title: "ClawMatrix", version: environment.softwareVersion })],
    ...(meta === undefined ? [] : ([["_meta", meta]] as const)),
  ]);
}

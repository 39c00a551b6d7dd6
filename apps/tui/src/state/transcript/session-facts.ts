import type { SessionInfo, Watcher } from "@clawmatrix/protocol";
import { oneLine } from "../../text/plain-text.ts";
import { asNumber, asObject, asString, type JsonObject, readJson } from "./acp-json.ts";

/** What is known of a session beside its transcript. */
export interface SessionFacts {
  /** Tokens of the context in use and its size; undefined where the agent says nothing of it. */
  readonly contextUsed: number | undefined;
  readonly contextSize: number | undefined;
  /** Tokens of all turns so far. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Id of the current mode, where an event told of one. */
  readonly mode: string | undefined;
  /** ACP's config options and commands, where an event told of them. */
  readonly configOptions: unknown;
  readonly commands: unknown;
  /** Who follows it. */
  readonly watchers: readonly Watcher[];
}

export const NO_FACTS: SessionFacts = Object.freeze({
  contextUsed: undefined,
  contextSize: undefined,
  inputTokens: 0,
  outputTokens: 0,
  mode: undefined,
  configOptions: undefined,
  commands: undefined,
  watchers: [],
});

/** With what the session's own description says: events before the first kept one told of it. */
export function withInfo(facts: SessionFacts, info: SessionInfo): SessionFacts {
  const usage = asObject(readJson(info.usageJson));
  return {
    ...facts,
    contextUsed: asNumber(usage.used) ?? facts.contextUsed,
    contextSize: asNumber(usage.size) ?? facts.contextSize,
    watchers: info.watchers,
  };
}

/** After an ACP update that is no part of the transcript. */
export function withFactUpdate(facts: SessionFacts, update: JsonObject): SessionFacts {
  if (update.sessionUpdate === "current_mode_update") {
    return { ...facts, mode: oneLine(asString(update.currentModeId)) };
  }
  if (update.sessionUpdate === "config_option_update") {
    return { ...facts, configOptions: update.configOptions };
  }
  if (update.sessionUpdate === "available_commands_update") {
    return { ...facts, commands: update.availableCommands };
  }
  if (update.sessionUpdate === "usage_update") {
    return { ...facts, contextUsed: asNumber(update.used), contextSize: asNumber(update.size) };
  }
  return facts;
}

/** With the tokens of one more turn, as ACP's response to its prompt tells them. */
export function withTurnUsage(facts: SessionFacts, response: JsonObject): SessionFacts {
  const usage = asObject(response.usage);
  return {
    ...facts,
    inputTokens: facts.inputTokens + (asNumber(usage.inputTokens) ?? 0),
    outputTokens: facts.outputTokens + (asNumber(usage.outputTokens) ?? 0),
  };
}

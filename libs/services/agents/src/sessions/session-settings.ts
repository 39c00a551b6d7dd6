import {
  type AcpAnswer,
  fromJson,
  isJsonObject,
  type JsonBytes,
  toJson,
  writeObject,
} from "@clawmatrix/acp-wire";
import { statusOfAcpError } from "../acp/acp-error.ts";
import type { Session } from "./session.ts";

export interface SessionRequestOptions {
  /** Milliseconds for the agent's answer. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** The mode and the config options of a session that were in force. */
export interface ChosenSettings {
  readonly modeId: string | undefined;
  /** Values by the id of the option. */
  readonly options: ReadonlyMap<string, unknown>;
}

/** ACP's session/set_mode; gives its response. */
export async function setMode(
  session: Session,
  modeId: string,
  options: SessionRequestOptions,
): Promise<JsonBytes> {
  const answer = await session.process.call("session/set_mode", toJson({ modeId }), options);
  const { bytes } = resultOf(session, "session/set_mode", answer);
  session.facts.modeChanged(modeId);
  session.factsChanged();
  return bytes;
}

/** ACP's session/set_config_option; gives its response. `value` is any JSON. */
export async function setConfigOption(
  session: Session,
  { configId, value }: { readonly configId: string; readonly value: JsonBytes },
  options: SessionRequestOptions,
): Promise<JsonBytes> {
  // ACP tells a switch from a choice by a `type` that only the switch has.
  const isSwitch = typeof fromJson(value) === "boolean";
  const params = writeObject([
    ["configId", toJson(configId)],
    ["type", isSwitch ? toJson("boolean") : undefined],
    ["value", value.length === 0 ? toJson(null) : value],
  ]);
  const answer = await session.process.call("session/set_config_option", params, options);
  const result = resultOf(session, "session/set_config_option", answer);
  if (session.facts.optionsChanged(result)) session.factsChanged();
  return result.bytes;
}

export function chosenSettings({ facts }: Session): ChosenSettings {
  const options = fromJson(facts.configOptionsJson);
  const list = Array.isArray(options) ? options.filter(isJsonObject) : [];
  const values = list.map(({ id, currentValue }) => [String(id), currentValue] as const);
  return { modeId: facts.modeId, options: new Map(values) };
}

/**
 * Sets what was chosen before the session was continued where the process that continued it has something else. An agent
 * that keeps its settings itself is left alone; one that says nothing of its mode is told it.
 */
export async function restoreSettings(
  session: Session,
  chosen: ChosenSettings,
  { saidModes, ...options }: SessionRequestOptions & { readonly saidModes: boolean },
): Promise<void> {
  const { modeId } = chosen;
  if (modeId !== undefined && (!saidModes || session.facts.modeId !== modeId))
    await setMode(session, modeId, options);
  for (const [configId, value] of chosen.options) {
    const now = chosenSettings(session).options;
    if (value === undefined || !now.has(configId) || now.get(configId) === value) continue;
    await setConfigOption(session, { configId, value: toJson(value) }, options);
  }
}

function resultOf(session: Session, method: string, answer: AcpAnswer): AcpAnswer & { kind: "result" } {
  if (answer.kind === "error") throw statusOfAcpError(session.agentId, method, answer);
  return answer;
}

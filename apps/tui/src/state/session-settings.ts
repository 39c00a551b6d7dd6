import type { SessionInfo } from "@clawmatrix/protocol";
import { oneLine } from "../text/plain-text.ts";
import { asObject, asObjects, asString, type JsonObject, readJson } from "./transcript/acp-json.ts";
import type { SessionFacts } from "./transcript/session-facts.ts";

/** One value that a setting can have. */
export interface SettingChoice {
  readonly value: string | boolean;
  readonly name: string;
  readonly description: string;
}

/** Something of a session that a person can set: its mode, or an option of the agent. */
export interface Setting {
  readonly kind: "mode" | "option";
  /** The option's id; for the mode: "mode". */
  readonly id: string;
  readonly name: string;
  readonly current: string | boolean;
  readonly choices: readonly SettingChoice[];
}

/** A command that the agent takes as the first word of a prompt, with a slash. */
export interface AgentCommand {
  readonly name: string;
  readonly description: string;
  /** What comes after the name, as the agent says it; empty: nothing. */
  readonly hint: string;
}

/** Settings, and commands, of one session that are shown; an agent with more is broken. */
const MAX_SHOWN = 200;

const ON_OFF: readonly SettingChoice[] = [
  { value: true, name: "On", description: "" },
  { value: false, name: "Off", description: "" },
];

/** What of a session can be set, as last heard. */
export function readSettings(info: SessionInfo, facts: SessionFacts): Setting[] {
  const options = facts.configOptions ?? readJson(info.configOptionsJson);
  return [...readModes(info, facts.mode), ...asObjects(options).flatMap(readOption)].slice(0, MAX_SHOWN);
}

/** What the agent takes after a slash, as last heard. */
export function readCommands(info: SessionInfo, facts: SessionFacts): AgentCommand[] {
  return asObjects(facts.commands ?? readJson(info.commandsJson))
    .slice(0, MAX_SHOWN)
    .map((command) => ({
      name: oneLine(asString(command.name)),
      description: oneLine(asString(command.description)),
      hint: oneLine(asString(asObject(command.input).hint)),
    }))
    .filter(({ name }) => name !== "");
}

function readModes(info: SessionInfo, current: string | undefined): Setting[] {
  const modes = asObject(readJson(info.modesJson));
  const choices = asObjects(modes.availableModes).map((mode) => readChoice(asString(mode.id), mode));
  if (choices.length === 0) return [];
  return [
    { kind: "mode", id: "mode", name: "Mode", current: current ?? asString(modes.currentModeId), choices },
  ];
}

function readOption(option: JsonObject): Setting[] {
  const id = asString(option.id);
  const name = oneLine(asString(option.name)) || oneLine(id);
  if (option.type === "boolean") {
    return [{ kind: "option", id, name, current: option.currentValue === true, choices: ON_OFF }];
  }
  // Choices may come in groups, which have choices of their own.
  const choices = asObjects(option.options)
    .flatMap((choice) => (Array.isArray(choice.options) ? asObjects(choice.options) : [choice]))
    .map((choice) => readChoice(asString(choice.value), choice));
  if (id === "" || choices.length === 0) return [];
  return [{ kind: "option", id, name, current: asString(option.currentValue), choices }];
}

function readChoice(value: string, { name, description }: JsonObject): SettingChoice {
  return {
    value,
    name: oneLine(asString(name)) || oneLine(value),
    description: oneLine(asString(description)),
  };
}

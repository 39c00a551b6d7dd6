import type { AcpParams } from "@clawmatrix/acp-wire";
import {
  fromJson,
  isJsonObject,
  type JsonBytes,
  type JsonObject,
  membersOf,
  toJson,
} from "@clawmatrix/acp-wire";
import { ToolCalls } from "../inputs/tool-calls.ts";

/** Characters of a title or description that lists show. */
const MAX_TITLE_CHARACTERS = 200;

const NONE: JsonBytes = new Uint8Array();

/** What the agent has last said of a session, as lists and screens show it beside the events. */
export class SessionFacts {
  title: string;
  /** The first prompt, shortened. */
  description: string;
  modesJson: JsonBytes;
  configOptionsJson: JsonBytes;
  commandsJson: JsonBytes;
  usageJson: JsonBytes;
  readonly toolCalls = new ToolCalls();
  /** A person named it, which the agent's own idea of a title does not change. */
  readonly #named: boolean;

  /** Rises when something has changed that is worth keeping at once: not usage. */
  version = 0;

  /** `kept`: what was known of it before. */
  constructor(
    title: string,
    description: string,
    kept: Partial<Pick<SessionFacts, "modesJson" | "configOptionsJson" | "commandsJson" | "usageJson">> = {},
  ) {
    this.modesJson = kept.modesJson ?? NONE;
    this.configOptionsJson = kept.configOptionsJson ?? NONE;
    this.commandsJson = kept.commandsJson ?? NONE;
    this.usageJson = kept.usageJson ?? NONE;
    this.title = shortenLine(title);
    this.#named = this.title !== "";
    this.description = description;
  }

  /** The answer to session/new, resume or load. */
  opened(response: JsonBytes): void {
    const value = fromJson(response);
    if (!isJsonObject(value)) return;
    this.version++;
    const members = membersOf(response);
    if (isJsonObject(value.modes)) this.modesJson = copyOf(members.get("modes"));
    if (Array.isArray(value.configOptions)) this.configOptionsJson = copyOf(members.get("configOptions"));
  }

  /** True if something that lists show has changed. `update` are the bytes of `values`, an ACP SessionUpdate. */
  updated(update: JsonBytes, values: JsonObject): boolean {
    switch (values.sessionUpdate) {
      case "available_commands_update":
        this.commandsJson = copyOf(membersOf(update).get("availableCommands"));
        this.version++;
        return true;
      case "config_option_update":
        this.configOptionsJson = copyOf(membersOf(update).get("configOptions"));
        this.version++;
        return true;
      case "usage_update":
        this.usageJson = copyOf(update);
        return true;
      case "current_mode_update":
        return typeof values.currentModeId === "string" && this.modeChanged(values.currentModeId);
      case "session_info_update":
        if (typeof values.title !== "string" || this.#named) return false;
        this.title = shortenLine(values.title);
        return true;
      case "tool_call":
      case "tool_call_update":
        this.toolCalls.remember(values);
        return false;
      default:
        return false;
    }
  }

  modeChanged(modeId: string): boolean {
    this.version++;
    const modes = fromJson(this.modesJson);
    this.modesJson = toJson({ ...(isJsonObject(modes) ? modes : {}), currentModeId: modeId });
    return true;
  }

  /** The answer to session/set_config_option, which carries all options. */
  optionsChanged(response: Pick<AcpParams, "bytes" | "values">): boolean {
    if (!Array.isArray(response.values.configOptions)) return false;
    this.configOptionsJson = copyOf(membersOf(response.bytes).get("configOptions"));
    this.version++;
    return true;
  }

  /** True if this prompt is the first, and describes the session from now on. */
  prompted(prompt: JsonBytes): boolean {
    if (this.description !== "") return false;
    const blocks = fromJson(prompt);
    if (!Array.isArray(blocks)) return false;
    const text = blocks.map((block: unknown) => (isJsonObject(block) ? block.text : undefined));
    this.description = shortenLine(text.filter((part) => typeof part === "string").join(" "));
    return true;
  }

  get modeId(): string | undefined {
    const modes = fromJson(this.modesJson);
    return isJsonObject(modes) && typeof modes.currentModeId === "string" ? modes.currentModeId : undefined;
  }
}

/** A copy, since facts outlive by far the piece of the agent's output that they came in. */
function copyOf(bytes: JsonBytes | undefined): JsonBytes {
  return bytes === undefined ? NONE : Uint8Array.from(bytes);
}

/** On one line, without splitting a character. */
function shortenLine(text: string): string {
  const line = text
    .slice(0, 10 * MAX_TITLE_CHARACTERS)
    .replace(/\s+/g, " ")
    .trim();
  const characters = [...line];
  return characters.length <= MAX_TITLE_CHARACTERS
    ? line
    : `${characters.slice(0, MAX_TITLE_CHARACTERS - 1).join("")}…`;
}

import { isJsonObject, type JsonObject } from "@clawmatrix/acp-wire";

/** What an agent says that a tool call is about. All of it is the agent's word. */
export interface ToolCallFacts {
  /** ACP's kind. */
  readonly kind?: string;
  readonly title?: string;
  /** What is to run, where its input says that: a shell's own script, not the shell. */
  readonly command?: string;
  /** The files of its locations, as the agent names them. */
  readonly locations?: readonly string[];
  /** The files of its diffs. */
  readonly diffs?: readonly string[];
  /** Of a title, command or list of files that is too long to be looked at, nothing else is kept than that. */
  readonly tooLong?: boolean;
}

/** Titles and commands longer than this are not compared with rules. */
const MAX_TEXT_CHARACTERS = 8_192;
/** Nor are paths longer than any that systems take, or more of them than a person would read. */
const MAX_PATH_CHARACTERS = 4_096;
const MAX_PATHS = 64;

const SHELLS = /(?:^|[/\\])(?:ba|da|k|z)?sh(?:\.exe)?$/;
const SCRIPT_FLAG = /^-l?c$/;

/** What a tool call, or an update of one, says; what it is silent about is left out. */
export function factsOf(toolCall: JsonObject): ToolCallFacts {
  const { kind, title, locations, content, rawInput } = toolCall;
  const files = pathsOf(locations, (location) => location.path);
  const diffs = pathsOf(content, (part) => (part.type === "diff" ? part.path : undefined));
  const command = isJsonObject(rawInput) ? commandOf(rawInput) : undefined;
  const facts = {
    ...(typeof kind === "string" && { kind: kind.slice(0, MAX_TEXT_CHARACTERS) }),
    ...(typeof title === "string" && { title: withoutBackticks(title) }),
    ...(command !== undefined && { command }),
    ...(files !== undefined && { locations: files }),
    ...(diffs !== undefined && { diffs }),
  };
  const { kind: _, ...compared } = facts;
  if (!isTooLong(compared)) return facts;
  return { ...(facts.kind !== undefined && { kind: facts.kind }), tooLong: true };
}

function isTooLong({ title = "", command = "", locations = [], diffs = [] }: ToolCallFacts): boolean {
  return (
    title.length > MAX_TEXT_CHARACTERS ||
    command.length > MAX_TEXT_CHARACTERS ||
    [locations, diffs].some((paths) => paths.length > MAX_PATHS) ||
    [...locations, ...diffs].some((path) => path.length > MAX_PATH_CHARACTERS)
  );
}

/** Some agents set the command in backticks, as Markdown wants it. */
function withoutBackticks(title: string): string {
  return /^`[^`]+`$/.test(title) ? title.slice(1, -1) : title;
}

function commandOf({ command, cmd }: JsonObject): string | undefined {
  const said = command ?? cmd;
  if (typeof said === "string") return said;
  if (!Array.isArray(said) || said.length === 0 || !said.every((word) => typeof word === "string"))
    return undefined;
  const [program = "", flag = "", script] = said as string[];
  const isScript = said.length === 3 && SHELLS.test(program) && SCRIPT_FLAG.test(flag);
  return isScript ? script : said.join(" ");
}

function pathsOf(list: unknown, pathOf: (element: JsonObject) => unknown): readonly string[] | undefined {
  if (!Array.isArray(list)) return undefined;
  return list.flatMap((element: unknown) => {
    const path = isJsonObject(element) ? pathOf(element) : undefined;
    return typeof path === "string" ? [path] : [];
  });
}

/** A tool that an agent offers to the model, as both APIs describe it. */
export interface OfferedTool {
  readonly name: string;
  /** Names of the properties in the tool's input schema; empty for tools that take free text. */
  readonly properties: readonly string[];
  /** `freeform` tools take text instead of JSON (OpenAI's custom tools). */
  readonly kind: "function" | "freeform" | "local-shell";
}

/** What one request tells the model, the same for every API. */
export interface Conversation {
  /** The last thing that the person wrote. */
  readonly prompt: string;
  /** What the person wrote before, oldest first. */
  readonly earlier: readonly string[];
  /** What the tools called since then gave back, in order. */
  readonly toolResults: readonly string[];
  readonly tools: readonly OfferedTool[];
}

/** What the model does next. */
export type Step =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "shell"; readonly tool: OfferedTool; readonly command: string }
  /** Text in small pieces that ends only when the agent hangs up (or at the stream's own bound). */
  | { readonly kind: "slow" };

interface ScriptedTurn {
  /** The turn for prompts that begin with these words, in lower case. */
  readonly when: string;
  next(conversation: Conversation): Step;
}

export const HELLO = "Hello from the scripted model.";
export const SLOW_PIECE = "still counting ";
export const RECALLED = "You said before:";
export const COMMAND_ANSWER = "The command answered:";

/** Shell tools by the names that agents give them, the most capable first. */
const SHELL_TOOLS = [
  "exec_command",
  "shell_command",
  "shell",
  "local_shell",
  "Bash",
  "bash",
  "exec",
] as const;

const SCRIPT: readonly ScriptedTurn[] = [
  { when: "say hello", next: () => ({ kind: "text", text: HELLO }) },
  { when: "recall", next: ({ earlier }) => ({ kind: "text", text: `${RECALLED} ${earlier.join(" | ")}` }) },
  { when: "run a command:", next: runCommand },
  { when: "slow", next: () => ({ kind: "slow" }) },
];

/**
 * The next step of the model in `conversation`. Requests without tools are the agent's own errands (a title
 * for the session, a summary): they quote the prompt, and get a short text instead of the scripted turn.
 */
export function nextStep(conversation: Conversation): Step {
  if (conversation.tools.length === 0) return { kind: "text", text: "Scripted errand" };
  const prompt = conversation.prompt.trim().toLowerCase();
  const turn = SCRIPT.find(({ when }) => prompt.startsWith(when));
  if (turn === undefined) {
    const known = SCRIPT.map(({ when }) => `"${when}"`).join(", ");
    return { kind: "text", text: `The script has no turn for this prompt; it knows ${known}.` };
  }
  return turn.next(conversation);
}

function runCommand({ prompt, toolResults, tools }: Conversation): Step {
  if (toolResults.length > 0) return { kind: "text", text: `${COMMAND_ANSWER} ${toolResults.join("\n")}` };
  const tool = SHELL_TOOLS.map((name) => tools.find((offered) => offered.name === name)).find(
    (offered) => offered !== undefined,
  );
  if (tool === undefined) {
    const names = tools.map(({ name }) => name).join(", ");
    return { kind: "text", text: `The agent offered no shell tool that the script knows, only: ${names}.` };
  }
  const command = prompt
    .slice(prompt.toLowerCase().indexOf("run a command:") + "run a command:".length)
    .trim();
  return { kind: "shell", tool, command };
}

/** The input of a shell tool in the shape that its schema asks for. */
export function shellInput({
  tool,
  command,
}: {
  tool: OfferedTool;
  command: string;
}): Record<string, unknown> {
  const input: Record<string, unknown> = tool.properties.includes("cmd")
    ? { cmd: command }
    : { command: tool.name === "shell" ? ["bash", "-lc", command] : command };
  if (tool.properties.includes("description")) input.description = "Run the command of the prompt";
  // How a model tells Codex that the command has to leave the sandbox, for which Codex asks the person.
  if (tool.properties.includes("sandbox_permissions")) {
    input.sandbox_permissions = "require_escalated";
    input.justification = "The prompt asks for this command.";
  }
  return input;
}

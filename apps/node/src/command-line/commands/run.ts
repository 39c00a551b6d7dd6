import { openSession } from "@clawmatrix/client";
import { sessionJson } from "../../json/session-json.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-code.ts";
import type { PermissionFlag } from "../permission-option.ts";
import { textOrInput } from "../read-input.ts";
import { driveTurn } from "../turn/drive-turn.ts";
import { namedAgent } from "./named-agent.ts";

export interface RunOptions {
  readonly cwd?: string;
  readonly permission: PermissionFlag;
}

/** How long the agent's node may take to close the session, in milliseconds. */
const CLOSE_MS = 10_000;

/** `clawmatrix run AGENT[@NODE] TASK`: one turn in a session of its own, streamed to standard output. */
export async function runTask(
  context: CommandContext,
  agent: string,
  task: string,
  options: RunOptions,
): Promise<number> {
  const { output, signal } = context;
  const text = await textOrInput(task, "task");
  const { agentId, node, status } = await namedAgent(context, agent);
  const client = (await context.connect()).agents(node.id);
  const { session } = await openSession(
    client,
    { agentId, kind: { case: "newSession", value: { title: "" } }, cwd: options.cwd ?? "" },
    {
      signal,
      callId: context.random.bytes(16),
      onProgress: (progress) => output.note(output.noteStyle("dim", `${progress} …`)),
    },
  );
  const shown = `${agentId}@${node.name}`;
  if (output.json) output.document({ type: "session", ...sessionJson(session, status) });
  else output.note(output.noteStyle("dim", `${shown}  ${session.cwd}  session ${session.id}`));
  const close = () => client.closeSession({ sessionId: session.id }, { timeoutMs: CLOSE_MS });
  let code: ExitCode;
  try {
    code = await driveTurn(context, {
      client,
      node: node.id,
      sessionId: session.id,
      agent: shown,
      text,
      permission: options.permission,
    });
  } catch (thrown) {
    // Best effort: what has failed is told, not what could not be tidied up after it.
    await close().catch(() => undefined);
    throw thrown;
  }
  // A session that waits for an answer is kept, so that it can be given from another screen.
  if (code !== ExitCode.waitsForInput) {
    await close().catch((error: Error) => output.note(`the session was not closed: ${error.message}`));
  }
  return code;
}

import { openSession } from "@clawmatrix/client";
import { sessionJson } from "../../json/session-json.ts";
import type { CommandContext } from "../context.ts";
import { namedAgent } from "./named-agent.ts";

export interface NewSessionOptions {
  readonly cwd?: string;
  readonly title?: string;
}

/** `clawmatrix session new AGENT[@NODE]`: opens a session and prints its id. */
export async function newSession(
  context: CommandContext,
  agent: string,
  options: NewSessionOptions,
): Promise<void> {
  const { output, signal } = context;
  const { agentId, node, status } = await namedAgent(context, agent);
  const client = (await context.connect()).agents(node.id);
  const { session } = await openSession(
    client,
    { agentId, kind: { case: "newSession", value: { title: options.title ?? "" } }, cwd: options.cwd ?? "" },
    {
      signal,
      callId: context.random.bytes(16),
      onProgress: (progress) => output.note(output.noteStyle("dim", `${progress} …`)),
    },
  );
  if (output.json) output.document(sessionJson(session, status));
  else output.line(session.id);
}

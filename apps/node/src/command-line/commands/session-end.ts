import { findSession } from "@clawmatrix/client";
import type { CommandContext } from "../context.ts";
import { readStatus } from "./status.ts";

/** `clawmatrix session cancel ID`: stops the running turn. */
export async function cancelSession(context: CommandContext, id: string): Promise<void> {
  const { client, sessionId } = await find(context, id);
  const { wasRunning } = await client.cancel({ sessionId }, { signal: context.signal });
  if (context.output.json) context.output.document({ id: sessionId, wasRunning });
  else context.output.note(wasRunning ? "The turn is stopped." : "No turn was running.");
}

/** `clawmatrix session close ID`: ends a session. */
export async function closeSession(context: CommandContext, id: string): Promise<void> {
  const { client, sessionId } = await find(context, id);
  await client.closeSession({ sessionId }, { signal: context.signal });
  if (context.output.json) context.output.document({ id: sessionId, state: "closed" });
  else context.output.note("The session is closed.");
}

async function find(context: CommandContext, id: string) {
  const status = await readStatus(context);
  const connection = await context.connect();
  const { session, node } = await findSession(connection, id, { status, signal: context.signal });
  return { client: connection.agents(node), sessionId: session.id };
}

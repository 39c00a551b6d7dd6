import { findSession } from "@clawmatrix/client";
import { nodeName, sessionJson } from "../../json/session-json.ts";
import type { CommandContext } from "../context.ts";
import type { PermissionFlag } from "../permission-option.ts";
import { textOrInput } from "../read-input.ts";
import { driveTurn } from "../turn/drive-turn.ts";
import { readStatus } from "./status.ts";

export interface PromptOptions {
  readonly permission: PermissionFlag;
  readonly refuseIfRunning?: boolean;
}

/** `clawmatrix session prompt ID TEXT`: one turn in a session that exists. */
export async function promptSession(
  context: CommandContext,
  id: string,
  prompt: string,
  options: PromptOptions,
): Promise<number> {
  const { output, signal } = context;
  const text = await textOrInput(prompt, "prompt");
  const status = await readStatus(context);
  const connection = await context.connect();
  const { session, node } = await findSession(connection, id, { status, signal });
  if (output.json) output.document({ type: "session", ...sessionJson(session, status) });
  return driveTurn(context, {
    client: connection.agents(node),
    node,
    sessionId: session.id,
    agent: `${session.agentId}@${nodeName(status, session.node)}`,
    text,
    permission: options.permission,
    refuseIfRunning: options.refuseIfRunning ?? false,
  });
}

import { findSession, openSession } from "@clawmatrix/client";
import { SessionOpening } from "@clawmatrix/protocol";
import { sessionJson } from "../../json/session-json.ts";
import type { CommandContext } from "../context.ts";
import { readStatus } from "./status.ts";

/** `clawmatrix session resume ID`: has a process of its agent serve the session again, and prints its id. */
export async function resumeSession(context: CommandContext, id: string): Promise<void> {
  const { output, signal } = context;
  const status = await readStatus(context);
  const connection = await context.connect();
  const found = await findSession(connection, id, { status, signal });
  const { session, opening } = await openSession(
    connection.agents(found.node),
    { kind: { case: "resumeSessionId", value: found.session.id } },
    { signal, onProgress: (progress) => output.note(output.noteStyle("dim", `${progress} …`)) },
  );
  if (output.json) return output.document(sessionJson(session, status));
  output.note(
    opening === SessionOpening.ATTACHED
      ? "The session was live already."
      : "The session is ready; its agent has taken it up again.",
  );
  output.line(session.id);
}

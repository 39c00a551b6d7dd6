import { findSession, watchSession } from "@clawmatrix/client";
import { SessionState } from "@clawmatrix/protocol";
import { sessionEventJson } from "../../json/session-event-json.ts";
import { agentAtNode, nodeName, sessionJson } from "../../json/session-json.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-code.ts";
import { noteReconnecting } from "../turn/note-reconnecting.ts";
import { TranscriptPrinter } from "../turn/transcript-printer.ts";
import { readStatus } from "./status.ts";

export interface AttachOptions {
  readonly since?: number;
}

/** `clawmatrix session attach ID`: what has happened in a session, then what happens, until it is closed or ctrl-c. */
export async function attachSession(
  context: CommandContext,
  id: string,
  options: AttachOptions,
): Promise<number> {
  const { output, signal } = context;
  const status = await readStatus(context);
  const connection = await context.connect();
  const { session, node } = await findSession(connection, id, { status, signal });
  if (output.json) output.document({ type: "session", ...sessionJson(session, status) });
  else output.note(`${agentAtNode(session, status)}  ${session.cwd}  (ctrl-c leaves it running)`);
  const printer = new TranscriptPrinter(output);
  const messages = watchSession({
    ...context,
    connection,
    node,
    sessionId: session.id,
    sinceSeq: options.since ?? 0,
    watchOnly: true,
    onLost: () =>
      output.note(
        `${nodeName(status, session.node)} was stopped or restarted; waiting for it … (ctrl-c gives up)`,
      ),
  });
  const endNotes = noteReconnecting(context, connection, node);
  try {
    for await (const message of messages) {
      if (message.case === "firstKeptSeq") {
        if (output.json) output.document({ type: "gap", firstSeq: message.value });
        else output.note(`(what came before event ${message.value} is no longer kept)`);
      }
      if (
        message.case === "session" &&
        message.value.state === SessionState.CLOSED &&
        session.state !== SessionState.CLOSED
      )
        break;
      if (message.case !== "event") continue;
      const event = message.value;
      if (output.json) {
        const document = sessionEventJson(event);
        if (document !== undefined) output.document(document);
      } else printer.print(event);
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  } finally {
    endNotes();
  }
  printer.finish();
  return signal.aborted ? ExitCode.interrupted : ExitCode.done;
}

import { findSession } from "@clawmatrix/client";
import { sessionEventJson } from "../../json/session-event-json.ts";
import { agentAtNode, sessionJson } from "../../json/session-json.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-code.ts";
import { TranscriptPrinter } from "../turn/transcript-printer.ts";
import { readStatus } from "./status.ts";

/** Events that one request asks for: a page is on the screen at once, and a long transcript is never held whole. */
const PAGE_EVENTS = 500;

/** `clawmatrix session show ID`: what is kept of a session, from its beginning, without starting anything. */
export async function showSession(context: CommandContext, id: string): Promise<number> {
  const { output, signal } = context;
  const status = await readStatus(context);
  const connection = await context.connect();
  const { session, node } = await findSession(connection, id, { status, signal });
  if (output.json) output.document({ type: "session", ...sessionJson(session, status) });
  else output.note(`${agentAtNode(session, status)}  ${session.cwd}`);
  const printer = new TranscriptPrinter(output);
  const client = connection.agents(node);
  let cursor = "";
  let expected = 1;
  do {
    const page = await client.readHistory(
      { sessionId: session.id, source: session.source, limit: PAGE_EVENTS, cursor },
      { signal },
    );
    for (const event of page.events) {
      if (event.seq > expected) gap(context, event.seq);
      expected = event.seq + 1;
      if (!output.json) printer.print(event);
      else {
        const document = sessionEventJson(event);
        if (document !== undefined) output.document(document);
      }
    }
    cursor = page.nextCursor;
  } while (cursor !== "" && !signal.aborted);
  printer.finish();
  return signal.aborted ? ExitCode.interrupted : ExitCode.done;
}

function gap({ output }: CommandContext, firstSeq: number): void {
  if (output.json) output.document({ type: "gap", firstSeq });
  else output.note(`(what came before event ${firstSeq} is no longer kept)`);
}

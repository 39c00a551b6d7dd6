import { type InboxItem, isReachable, listInbox, nodesOf } from "@clawmatrix/client";
import { type MeshStatus, StatusCode, StatusError } from "@clawmatrix/protocol";
import type { CommandContext } from "../context.ts";
import { chooseOption, permissionAnswer, questionAnswer } from "../inbox/inbox-answer.ts";
import { inboxEntry } from "../inbox/inbox-entry.ts";
import { decideAdmission } from "./members.ts";
import { readStatus } from "./status.ts";

/** Characters of an id that must be given at least. */
const SHORTEST_PREFIX = 4;

/** `clawmatrix answer ID CHOICE|TEXT`: answers what waits for a person, on whichever node it waits. */
export async function answer(context: CommandContext, id: string, text: string): Promise<void> {
  const { output, signal } = context;
  const status = await readStatus(context);
  const connection = await context.connect();
  const item = find(await listInbox(connection, { status, signal }), id);
  if (item === undefined) throw await whyNot(context, status, id);
  const entry = inboxEntry(item);
  if (item.kind === "admission") {
    const { id: decision } = chooseOption(entry.options, text);
    await decideAdmission(context, item, decision === "approve");
  } else {
    const given =
      item.kind === "permission"
        ? permissionAnswer(item.id, entry.options, text)
        : questionAnswer(item.input, text);
    await connection.agents(item.node.id).answer({ answer: given }, { signal });
  }
  if (output.json) output.document({ id: item.id, kind: item.kind, node: item.node.name, answer: text });
  else output.note(`Answered: ${entry.title}`);
}

function find(items: readonly InboxItem[], id: string): InboxItem | undefined {
  const exact = items.find((item) => item.id === id);
  if (exact !== undefined || id.length < SHORTEST_PREFIX) return exact;
  const begin = items.filter((item) => item.id.startsWith(id));
  if (begin.length < 2) return begin[0];
  throw new StatusError(
    StatusCode.INVALID_ARGUMENT,
    `${begin.length} things that wait have ids that begin with "${id}"`,
    { reason: "ambiguous-id", hint: "Give more of the id." },
  );
}

/** Which node has had it, and what became of it: that it was answered already, or may not be answered from here. */
async function whyNot(context: CommandContext, status: MeshStatus, id: string): Promise<StatusError> {
  const connection = await context.connect();
  // An answer that fits nothing: asked only to hear why.
  const nothing = { answer: { id, answer: { case: "optionId", value: "" } } } as const;
  const refusals = await Promise.all(
    nodesOf(status)
      .filter(isReachable)
      .map((node) =>
        connection
          .agents(node.id)
          .answer(nothing, { signal: context.signal })
          .then(() => undefined, StatusError.from),
      ),
  );
  const telling = refusals.find((error) => error !== undefined && error.code !== StatusCode.NOT_FOUND);
  if (telling !== undefined) return telling;
  return new StatusError(StatusCode.NOT_FOUND, `nothing with the id "${id}" waits for you`, {
    reason: "no-such-input",
    hint: "`clawmatrix inbox` lists what waits.",
  });
}

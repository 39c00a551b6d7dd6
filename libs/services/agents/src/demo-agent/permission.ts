import { methods, type PermissionOption } from "@agentclientprotocol/sdk";
import { messageOf, ToolFailure, TurnCancelled } from "./failures.ts";
import type { GuardedKind } from "./session.ts";
import type { ToolCall } from "./tool-call.ts";
import type { Turn } from "./turn.ts";

const NOUNS: Readonly<Record<GuardedKind, string>> = { execute: "run commands", edit: "edit files" };

/** The choices a person is given. An option's id is its kind. */
function permissionOptions(kind: GuardedKind): PermissionOption[] {
  return [
    { optionId: "allow_once", kind: "allow_once", name: "Allow once" },
    { optionId: "allow_always", kind: "allow_always", name: `Always let this session ${NOUNS[kind]}` },
    { optionId: "reject_once", kind: "reject_once", name: "Reject" },
    { optionId: "reject_always", kind: "reject_always", name: `Never let this session ${NOUNS[kind]}` },
  ];
}

/**
 * Resolves when the tool call may go ahead, by the session's mode, by what was answered before, or by asking. Throws a
 * `ToolFailure` where it may not. An answer that this agent did not offer counts as a refusal.
 */
export async function requirePermission(turn: Turn, call: ToolCall, kind: GuardedKind): Promise<void> {
  const { session } = turn;
  if (session.modeId === "allow") return;
  if (session.modeId === "read-only") {
    throw new ToolFailure(`Refused: this session is in the mode read-only. Switch it with: mode ask`);
  }
  const remembered = session.remembered.get(kind);
  if (remembered === "allow") return;
  if (remembered === "reject") {
    throw new ToolFailure(`Rejected, as you decided before that this session may never ${NOUNS[kind]}.`);
  }
  switch (await ask(turn, call, kind)) {
    case "allow_always":
      session.remembered.set(kind, "allow");
      return;
    case "allow_once":
      return;
    case "reject_always":
      session.remembered.set(kind, "reject");
      throw new ToolFailure(`Rejected, now and for the rest of this session.`);
    default:
      throw new ToolFailure("Rejected: you did not allow it.");
  }
}

async function ask(turn: Turn, call: ToolCall, kind: GuardedKind): Promise<string> {
  const { title, rawInput, locations, content } = call.options;
  const request = turn.surroundings.client.request(
    methods.client.session.requestPermission,
    {
      sessionId: turn.session.id,
      options: permissionOptions(kind),
      toolCall: {
        toolCallId: call.id,
        title,
        kind,
        status: "pending",
        rawInput,
        ...(locations && { locations: [...locations] }),
        ...(content && { content: [...content] }),
      },
    },
    { cancellationSignal: turn.signal, stopWaitingOnCancel: true },
  );
  const answer = await request.catch((error: unknown) => {
    turn.throwIfCancelled();
    throw new ToolFailure(
      `Not done, since the client could not be asked for permission: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  });
  if (answer.outcome.outcome === "selected") return answer.outcome.optionId;
  // By ACP a client answers so only when it cancels the turn, and its session/cancel may still be on the way.
  turn.cancel();
  throw new TurnCancelled();
}

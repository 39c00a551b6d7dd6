import type { PermissionAnswerInit } from "@clawmatrix/protocol";
import { shorten } from "../format.ts";
import { type PermissionRequestShape, parseShape } from "./acp-shapes.ts";
import type { Person } from "./person.ts";

const LONGEST_TITLE = 400;

/** Asks the person at the terminal for a permission; undefined when somebody else has answered meanwhile. */
export async function askPermission(
  person: Person,
  agent: string,
  id: string,
  requestJson: Uint8Array,
  signal: AbortSignal,
): Promise<PermissionAnswerInit | undefined> {
  const { toolCall, options = [] } = parseShape<PermissionRequestShape>(requestJson);
  const choices = options.map(({ name, kind, optionId }) => name ?? kind ?? optionId ?? "?");
  const chosen = await person.choose(
    `? ${agent} asks to: ${shorten(toolCall?.title ?? "go on", LONGEST_TITLE)}`,
    choices,
    signal,
  );
  const optionId = chosen === undefined ? undefined : options[chosen]?.optionId;
  return optionId === undefined ? undefined : { id, answer: { case: "optionId", value: optionId } };
}

/** The answer that refuses: the agent's own way to say no, if it has one. */
export function denyPermission(id: string, requestJson: Uint8Array): PermissionAnswerInit {
  const { options = [] } = parseShape<PermissionRequestShape>(requestJson);
  const reject =
    options.find(({ kind }) => kind === "reject_once") ??
    options.find(({ kind }) => kind === "reject_always");
  return reject?.optionId === undefined
    ? { id, answer: { case: "cancelled", value: true } }
    : { id, answer: { case: "optionId", value: reject.optionId } };
}

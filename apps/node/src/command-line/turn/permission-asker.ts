import type { PermissionAnswerInit } from "@clawmatrix/protocol";
import { harmless, shorten } from "../format.ts";
import { objectOf, optionsOf, type PermissionRequestShape, parseShape, textOf } from "./acp-shapes.ts";
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
  const request = parseShape<PermissionRequestShape>(requestJson);
  const options = optionsOf(request);
  const chosen = await person.choose(
    `? ${agent} asks to: ${shorten(textOf(objectOf(request.toolCall).title) ?? "go on", LONGEST_TITLE)}`,
    options.map(({ name }) => harmless(name)),
    signal,
  );
  const option = chosen === undefined ? undefined : options[chosen];
  return option === undefined ? undefined : { id, answer: { case: "optionId", value: option.id } };
}

/** The answer that refuses: the agent's own way to say no, if it has one. */
export function denyPermission(id: string, requestJson: Uint8Array): PermissionAnswerInit {
  const options = optionsOf(parseShape<PermissionRequestShape>(requestJson));
  const reject =
    options.find(({ kind }) => kind === "reject_once") ??
    options.find(({ kind }) => kind === "reject_always");
  return reject === undefined
    ? { id, answer: { case: "cancelled", value: true } }
    : { id, answer: { case: "optionId", value: reject.id } };
}

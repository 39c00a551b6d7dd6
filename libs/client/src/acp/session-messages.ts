import {
  fromJson,
  isJsonObject,
  type JsonBytes,
  membersOf,
  toJson,
  writeObject,
  writeObjectWith,
} from "@clawmatrix/acp-wire";
import { type SessionInfo, SessionOpening, SessionSource } from "@clawmatrix/protocol";
import type { OpenedSession } from "../open-session.ts";

/** `params` with the id by which the editor knows the session; what is no object stays as it is. */
export function withSessionId(params: JsonBytes, sessionId: string): JsonBytes {
  if (params.length > 0 && !isJsonObject(fromJson(params))) return params;
  return writeObjectWith(params, [["sessionId", toJson(sessionId)]]);
}

/** Params of the editor without those that go in fields of their own; no bytes if nothing is left. */
export function otherMembers(params: JsonBytes, named: readonly string[]): JsonBytes {
  if (!isJsonObject(fromJson(params))) return new Uint8Array();
  const others = [...membersOf(params)].filter(([name]) => !named.includes(name));
  return others.length === 0 ? new Uint8Array() : writeObject(others);
}

/** What a person has written elsewhere, as the editor shows it: an update for each block of the prompt. */
export function promptUpdates(promptJson: JsonBytes): JsonBytes[] {
  const blocks = fromJson(promptJson);
  if (!Array.isArray(blocks)) return [];
  return blocks.map((content: unknown) => toJson({ sessionUpdate: "user_message_chunk", content }));
}

/**
 * The answer to the editor's session/new, load or resume: the agent's own, whole. For a session that was live already,
 * which the agent was not asked about, what it said before.
 */
export function openingAnswer({ session, opening, responseJson }: OpenedSession): JsonBytes {
  const isNew = opening === SessionOpening.NEW;
  const said = isJsonObject(fromJson(responseJson)) ? membersOf(responseJson) : new Map<string, JsonBytes>();
  const orElse = (name: string, known: JsonBytes): [string, JsonBytes | undefined] => [
    name,
    said.get(name) ?? (known.length === 0 ? undefined : known),
  ];
  return writeObjectWith(said.size === 0 ? new Uint8Array() : responseJson, [
    ["sessionId", isNew ? toJson(session.id) : undefined],
    orElse("modes", session.modesJson),
    orElse("configOptions", session.configOptionsJson),
  ]);
}

/** A row of the answer to session/list. `cwd` in place of the session's, where the editor is shown another. */
export function sessionRow(session: SessionInfo, cwd = session.cwd): object {
  const isKnownHere = session.source === SessionSource.LIVE || session.agentSessionId === "";
  return {
    sessionId: isKnownHere ? session.id : session.agentSessionId,
    cwd,
    title: session.title || session.description || null,
    updatedAt: new Date(Number(session.updatedAtUnixMs)).toISOString(),
  };
}

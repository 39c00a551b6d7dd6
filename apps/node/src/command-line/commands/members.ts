import { type InboxItem, listAdmissions } from "@clawmatrix/client";
import { matchesNodeIdPrefix, nodeIdFromBytes } from "@clawmatrix/identity";
import { type Member, StatusCode, StatusError } from "@clawmatrix/protocol";
import { memberJson, memberStateName, roleName } from "../../json/member-json.ts";
import { shownId } from "../../json/node-json.ts";
import type { CommandContext } from "../context.ts";
import { formatDuration } from "../format.ts";
import { renderTable } from "../table.ts";
import { readStatus } from "./status.ts";

type Admission = InboxItem & { kind: "admission" };

/** `clawmatrix members`: who belongs to the mesh, did, or wants to. */
export async function listMembers(context: CommandContext): Promise<void> {
  const { output, clock } = context;
  const { members, waiting } = await readMembers(context);
  const names = new Map(members.map(({ id, name }) => [nodeIdFromBytes(id), name]));
  const nameOf = (id: Uint8Array): string => names.get(nodeIdFromBytes(id)) ?? shownId(id);
  const pending = waiting.map((item) => ({ ...pendingJson(item), role: "member", by: null }));
  if (output.json)
    return output.document([...members.map((member) => memberJson(member, nameOf)), ...pending]);
  const rows = members.map((member) => [
    member.name,
    shownId(member.id),
    roleName(member.role),
    memberStateName(member.state),
    formatDuration(Math.max(0, clock.now() - Number(member.sinceUnixMs))),
    member.by.length === 0 ? "" : nameOf(member.by),
  ]);
  const wanting = waiting.map(({ id, pending: { name }, since }) => [
    name,
    id,
    "",
    "pending",
    formatDuration(Math.max(0, clock.now() - since)),
    "",
  ]);
  output.line(renderTable(["MEMBER", "ID", "ROLE", "STATE", "SINCE", "BY"], [...rows, ...wanting]));
}

/** `clawmatrix members pending`: the nodes that wait to be let in. */
export async function listPending(context: CommandContext): Promise<void> {
  const { output, clock, signal } = context;
  const connection = await context.connect();
  const waiting = await listAdmissions(connection, { status: await readStatus(context), signal });
  if (output.json) return output.document(waiting.map(pendingJson));
  if (waiting.length === 0) return output.line("No node waits to be let in.");
  const rows = waiting.map(({ id, node, since, pending: { name, address, reason } }) => [
    name,
    id,
    formatDuration(Math.max(0, clock.now() - since)),
    address === "" ? node.name : `${address}, at ${node.name}`,
    reason === "" ? "no invitation" : `invitation ${reason}`,
  ]);
  output.line(renderTable(["NODE", "ID", "WAITS FOR", "FROM", "WHY"], rows));
  output.note(
    "Is it yours? Compare the id. `clawmatrix members approve NODE` lets it in, `deny` refuses it.",
  );
}

/** `clawmatrix members approve|deny NODE`. */
export async function decideMember(context: CommandContext, text: string, approve: boolean): Promise<void> {
  const connection = await context.connect();
  const status = await readStatus(context);
  const waiting = await listAdmissions(connection, { status, signal: context.signal });
  const item = choose(
    waiting.map((item) => ({ name: item.pending.name, id: item.pending.id, item })),
    text,
    "that waits to be let in",
  ).item;
  await decideAdmission(context, item, approve);
  const { output } = context;
  const { name } = item.pending;
  if (output.json) output.document({ ...pendingJson(item), state: approve ? "admitted" : "denied" });
  else output.note(approve ? `${name} belongs to the mesh now.` : `${name} is refused.`);
}

/** Lets a node in, or refuses it: this node tells the whole mesh. */
export async function decideAdmission(
  context: CommandContext,
  { pending: { id, keys, name } }: Admission,
  approve: boolean,
): Promise<void> {
  const { signal } = context;
  const members = (await context.connect()).members();
  if (approve) await members.approve({ id, name, ...(keys === undefined ? {} : { keys }) }, { signal });
  else await members.deny({ id }, { signal });
}

export interface RevokeOptions {
  readonly reason?: string;
}

/** `clawmatrix members revoke NODE`: shuts a member out for good. */
export async function revokeMember(
  context: CommandContext,
  text: string,
  { reason = "" }: RevokeOptions,
): Promise<void> {
  const { id } = await findMember(context, text);
  const connection = await context.connect();
  const { member } = await connection.members().revoke({ id, reason }, { signal: context.signal });
  tell(context, member, (name) => `${name} is shut out of the mesh for good.`);
}

export interface OperatorOptions {
  readonly remove?: boolean;
}

/** `clawmatrix members operator NODE`: lets a member admit and revoke, or no longer. */
export async function appointOperator(
  context: CommandContext,
  text: string,
  { remove = false }: OperatorOptions,
): Promise<void> {
  const { id } = await findMember(context, text);
  const connection = await context.connect();
  const request = { id, operator: !remove };
  const { member } = await connection.members().appointOperator(request, { signal: context.signal });
  tell(context, member, (name) => `${name} is ${remove ? "no longer an operator" : "an operator now"}.`);
}

async function readMembers(context: CommandContext): Promise<{ members: Member[]; waiting: Admission[] }> {
  const { signal } = context;
  const connection = await context.connect();
  const status = await readStatus(context);
  const [{ members }, waiting] = await Promise.all([
    connection.members().listMembers({}, { signal }),
    listAdmissions(connection, { status, signal }),
  ]);
  // Those that wait are taken from all nodes; here are only this node's own.
  return { members: members.filter(({ state }) => memberStateName(state) !== "pending"), waiting };
}

async function findMember(context: CommandContext, text: string): Promise<Member> {
  const { members } = await readMembers(context);
  return choose(members, text, "among the members");
}

/** The one that is meant by a name or the beginning of an id. */
function choose<Named extends { name: string; id: Uint8Array }>(
  all: readonly Named[],
  text: string,
  which: string,
): Named {
  const named = all.filter(({ name }) => name === text);
  const found =
    named.length > 0 ? named : all.filter(({ id }) => matchesNodeIdPrefix(nodeIdFromBytes(id), text));
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    const ids = found.map(({ name, id }) => `${name} is ${shownId(id)}`).join(", ");
    throw new StatusError(StatusCode.INVALID_ARGUMENT, `"${text}" can mean ${found.length} nodes: ${ids}`, {
      reason: "ambiguous-node",
      hint: "Say which one by its id.",
    });
  }
  throw new StatusError(StatusCode.NOT_FOUND, `there is no node "${text}" ${which}`, {
    reason: "no-such-member",
    hint:
      all.length === 0 ? "There is none at all." : `There are: ${all.map(({ name }) => name).join(", ")}.`,
  });
}

function tell({ output }: CommandContext, member: Member | undefined, text: (name: string) => string): void {
  if (member === undefined) return;
  if (output.json) output.document(memberJson(member, shownId));
  else output.note(text(member.name));
}

function pendingJson({ id, node, since, pending: { name, address, reason } }: Admission) {
  return {
    id,
    name,
    state: "pending",
    since: new Date(since).toISOString(),
    node: node.name,
    address,
    reason,
  };
}

import { type Member, MemberRole, MemberState } from "@clawmatrix/protocol";
import { shownId } from "./node-json.ts";

/** A member as `members --json` lists it; `nameOf` says who decided. */
export function memberJson(member: Member, nameOf: (id: Uint8Array) => string): object {
  return {
    id: shownId(member.id),
    name: member.name,
    role: roleName(member.role),
    state: memberStateName(member.state),
    since: new Date(Number(member.sinceUnixMs)).toISOString(),
    by: member.by.length === 0 ? null : nameOf(member.by),
  };
}

export function roleName(role: MemberRole): "founder" | "operator" | "member" {
  if (role === MemberRole.FOUNDER) return "founder";
  return role === MemberRole.OPERATOR ? "operator" : "member";
}

export function memberStateName(state: MemberState): "admitted" | "pending" | "revoked" {
  if (state === MemberState.ADMITTED) return "admitted";
  return state === MemberState.REVOKED ? "revoked" : "pending";
}

import type { Identity } from "@clawmatrix/identity";
import { MembershipEntry, SignedEntry } from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import { checkAdmission, EXPIRY_TOLERANCE_MS } from "./check-admission.ts";
import { createInvitation } from "./create-invitation.ts";
import { admit, appoint, revoke } from "./decisions.ts";
import { signEntry } from "./sign-entry.ts";
import { candidate, entriesOf, FoundedTestMesh, START } from "./testing/founded-mesh.ts";

const HOUR_MS = 3_600_000;

function withInviter() {
  const world = new FoundedTestMesh();
  const [inviter, newcomer] = [world.newNode(), world.newNode()];
  admit(world.byFounder, candidate(inviter));
  appoint(world.byFounder, inviter.nodeId, true);
  const { secret, random } = world;
  const invitation = createInvitation(world.as(inviter), { secret, random, addresses: ["ws://a"] });
  const check = (admission: Uint8Array, now = START, node: Identity = newcomer) => {
    const result = checkAdmission(world.membership, node.nodeId, admission, now);
    return result.valid ? "valid" : result.reason;
  };
  return { world, inviter, newcomer, invitation, check };
}

test("an invitation lets in until it expires by the clock of the member that is asked, with a tolerance", () => {
  const { newcomer, invitation, check } = withInviter();
  const admission = invitation.use(newcomer, "", START);
  expect(check(admission)).toBe("valid");
  expect(check(admission, START + HOUR_MS + EXPIRY_TOLERANCE_MS)).toBe("valid");
  expect(check(admission, START + HOUR_MS + EXPIRY_TOLERANCE_MS + 1)).toBe("expired");
});

test("a newcomer that writes an earlier date does not get in with an expired invitation", () => {
  const { world, newcomer, invitation, check } = withInviter();
  world.clock.time += 2 * HOUR_MS;
  expect(check(invitation.use(newcomer, "", START), world.clock.time)).toBe("expired");
});

test("an admission that says itself that it came too late is taken over by nobody", () => {
  const { world, newcomer, invitation, check } = withInviter();
  const early = SignedEntry.decode(invitation.use(newcomer, "", START));
  const late = signEntry(
    world.mesh,
    newcomer,
    START + HOUR_MS + 1,
    MembershipEntry.decode(early.entry).decision,
  );
  expect(check(late)).toBe("expired");
  expect(world.membership.merge([late])).toEqual([]);
  expect(world.membership.counts().dropped.get("expired-voucher")).toBe(1);
});

test("an invitation lets in one node: a second one is told that it is used", () => {
  const { world, newcomer, invitation, check } = withInviter();
  const other = world.newNode();
  world.membership.merge([invitation.use(newcomer, "", START)]);
  expect(check(invitation.use(other, "", START), START, other)).toBe("used");
  // Its own user may ask again, of whoever has not heard of it.
  expect(check(invitation.use(newcomer, "", START + 1))).toBe("valid");
});

test("an invitation stays used when the node that it let in is revoked", () => {
  const { world, newcomer, invitation, check } = withInviter();
  const other = world.newNode();
  world.membership.merge([invitation.use(newcomer, "", START)]);
  revoke(world.byFounder, newcomer.nodeId);
  expect(check(invitation.use(other, "", START), START, other)).toBe("used");
  world.membership.merge([invitation.use(other, "", START + 1)]);
  expect(world.membership.isMember(other.nodeId)).toBe(false);
});

test("where two nodes used one invitation, the earlier use holds everywhere", () => {
  const { world, newcomer, invitation } = withInviter();
  const other = world.newNode();
  const [here, there] = [
    world.memory(entriesOf(world.membership)),
    world.memory(entriesOf(world.membership)),
  ];
  here.merge([invitation.use(newcomer, "", START + 1)]);
  there.merge([invitation.use(other, "", START)]);
  expect(here.isMember(newcomer.nodeId)).toBe(true);
  const gone: string[] = [];
  here.onChange((node) => gone.push(node));
  here.merge(entriesOf(there));
  there.merge(entriesOf(here));
  for (const membership of [here, there]) {
    expect(membership.isMember(other.nodeId)).toBe(true);
    expect(membership.isMember(newcomer.nodeId)).toBe(false);
  }
  expect(gone.sort()).toEqual([other.nodeId, newcomer.nodeId].sort());
});

test("an invitation ends with the inviter's office, and with the inviter", () => {
  const { world, inviter, newcomer, invitation, check } = withInviter();
  const admission = invitation.use(newcomer, "", START);
  appoint(world.byFounder, inviter.nodeId, false);
  expect(check(admission)).toBe("inviter-not-operator");
  revoke(world.byFounder, inviter.nodeId);
  expect(check(admission)).toBe("revoked");
  world.membership.merge([admission]);
  expect(world.membership.isMember(newcomer.nodeId)).toBe(false);
});

test("an invitation of a node that never was an operator is worth nothing", () => {
  const { world, invitation, newcomer } = withInviter();
  const stranger = world.memory([world.founding]);
  const result = checkAdmission(stranger, newcomer.nodeId, invitation.use(newcomer, "", START), START);
  expect(result).toMatchObject({ valid: false, reason: "inviter-not-operator" });
});

test("an invitation that somebody saw in use lets in nobody else", () => {
  const { world, newcomer, invitation, check } = withInviter();
  const thief = world.newNode();
  const seen = MembershipEntry.decode(SignedEntry.decode(invitation.use(newcomer, "", START)).entry);
  if (seen.decision.case !== "admission") throw new Error("an invitation's use is an admission");
  const value = { ...seen.decision.value, node: candidate(thief).keys };
  const stolen = signEntry(world.mesh, thief, START, { case: "admission", value });
  expect(check(stolen, START, thief)).toBe("invalid");
  world.membership.merge([stolen]);
  expect(world.membership.isMember(thief.nodeId)).toBe(false);
  expect(world.membership.counts().dropped.get("forged")).toBe(1);
});

test("an admission of another node, of another mesh, or no admission at all is invalid", () => {
  const { world, newcomer, invitation, check } = withInviter();
  const other = world.newNode();
  expect(check(invitation.use(other, "", START))).toBe("invalid");
  const foreign = signEntry({ ...world.mesh, id: new Uint8Array(16) }, world.founder, START, {
    case: "admission",
    value: { node: candidate(newcomer).keys },
  });
  expect(check(foreign)).toBe("invalid");
  expect(check(world.founding)).toBe("invalid");
  expect(check(Uint8Array.of(1, 2, 3))).toBe("invalid");
  expect(check(new Uint8Array(10_000))).toBe("invalid");
});

test("an admission that an operator signed is good wherever it is shown", () => {
  const { world, newcomer, inviter, check } = withInviter();
  const value = { node: candidate(newcomer).keys };
  const byOperator = signEntry(world.mesh, inviter, START, { case: "admission", value });
  const byItself = signEntry(world.mesh, newcomer, START, { case: "admission", value });
  expect(check(byOperator)).toBe("valid");
  expect(check(byItself)).toBe("inviter-not-operator");
});

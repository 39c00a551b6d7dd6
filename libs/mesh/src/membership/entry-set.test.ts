import { nodeIdToBytes } from "@clawmatrix/identity";
import { expect, test } from "vitest";
import { createInvitation } from "./create-invitation.ts";
import { admit, appoint } from "./decisions.ts";
import {
  ENTRIES_RESERVED_FOR_FOUNDER,
  MAX_ENTRIES,
  MAX_ENTRIES_PER_OPERATOR,
  MAX_USES_PER_VOUCHER,
  MAX_WAITING_ENTRIES,
} from "./entry-set.ts";
import { signEntry } from "./sign-entry.ts";
import { candidate, entriesOf, FoundedTestMesh, START } from "./testing/founded-mesh.ts";

/** `count` valid entries of one signer that change nothing: revocations of nodes that do not exist. */
function manyBy(world: FoundedTestMesh, signer: FoundedTestMesh["founder"], count: number): Uint8Array[] {
  return Array.from({ length: count }, () => {
    const value = { node: world.random.bytes(16) };
    return signEntry(world.mesh, signer, START, { case: "revocation", value });
  });
}

test("no operator fills the mesh: the others and the founder can still decide", { timeout: 60_000 }, () => {
  const world = new FoundedTestMesh();
  const operators = Array.from({ length: 4 }, () => world.newNode());
  for (const operator of operators) {
    admit(world.byFounder, candidate(operator));
    appoint(world.byFounder, operator.nodeId, true);
  }
  const [greedy, ...others] = operators;
  const taken = world.membership.merge(manyBy(world, greedy!, MAX_ENTRIES_PER_OPERATOR + 5));
  expect(taken).toHaveLength(MAX_ENTRIES_PER_OPERATOR);
  expect(world.membership.counts().dropped.get("operator-has-too-many")).toBe(5);
  for (const other of others) world.membership.merge(manyBy(world, other, MAX_ENTRIES_PER_OPERATOR));
  expect(world.membership.counts().entries).toBe(MAX_ENTRIES - ENTRIES_RESERVED_FOR_FOUNDER);
  expect(() => admit(world.as(others[2]!), candidate(world.newNode()))).toThrow(/as many decisions/);
  const node = world.newNode();
  admit(world.byFounder, candidate(node));
  expect(world.membership.isMember(node.nodeId)).toBe(true);
});

test("entries that depend on others wait for them, and no more than a bounded number", () => {
  const world = new FoundedTestMesh();
  const operator = world.newNode();
  const newcomer = world.newNode();
  admit(world.byFounder, candidate(operator));
  appoint(world.byFounder, operator.nodeId, true);
  const known = entriesOf(world.membership);
  const byOperator = signEntry(world.mesh, operator, START, {
    case: "admission",
    value: { node: candidate(newcomer).keys },
  });
  const late = world.memory();
  expect(late.merge([byOperator])).toEqual([]);
  expect(late.counts().waiting).toBe(1);
  expect([...late.entries()]).toEqual([]);
  const told: string[] = [];
  late.onChange((node) => told.push(node));
  late.merge(known);
  expect(late.isMember(newcomer.nodeId)).toBe(true);
  expect(told).toContain(newcomer.nodeId);
  expect(late.counts().waiting).toBe(0);

  late.merge(manyBy(world, newcomer, MAX_WAITING_ENTRIES + 3));
  expect(late.counts()).toMatchObject({ waiting: MAX_WAITING_ENTRIES, entries: known.length + 1 });
  expect(late.counts().dropped.get("waited-in-vain")).toBe(3);
});

test("who was invited cannot use up what its inviter may decide", () => {
  const world = new FoundedTestMesh();
  const { secret, random } = world;
  const invitation = createInvitation(world.byFounder, { secret, random, addresses: ["ws://a"] });
  const guest = world.newNode();
  const uses = Array.from({ length: 20 }, (_, i) => invitation.use(guest, "", START + i));
  expect(world.membership.merge(uses)).toHaveLength(MAX_USES_PER_VOUCHER);
  expect(world.membership.counts().dropped.get("voucher-has-too-many")).toBe(20 - MAX_USES_PER_VOUCHER);
  expect(world.membership.isMember(guest.nodeId)).toBe(true);
});

test("a forged copy of an entry that waits does not stand in the way of the real one", () => {
  const world = new FoundedTestMesh();
  const operator = world.newNode();
  admit(world.byFounder, candidate(operator));
  appoint(world.byFounder, operator.nodeId, true);
  const known = entriesOf(world.membership);
  const real = signEntry(world.mesh, operator, START, {
    case: "admission",
    value: { node: candidate(world.newNode()).keys },
  });
  const forged = Uint8Array.from(real);
  forged[forged.length - 1] = forged[forged.length - 1]! ^ 1;
  const late = world.memory();
  late.merge([forged]);
  late.merge([real]);
  late.merge(known);
  expect(late.counts()).toMatchObject({ entries: known.length + 1, waiting: 0 });
  expect(late.counts().dropped.get("forged")).toBe(1);
});

test("only the founder founds", () => {
  const world = new FoundedTestMesh();
  const operator = world.newNode();
  admit(world.byFounder, candidate(operator));
  appoint(world.byFounder, operator.nodeId, true);
  const { keys } = candidate(operator);
  const usurping = signEntry(world.mesh, operator, START, {
    case: "founding",
    value: { founder: keys, name: "me" },
  });
  expect(world.membership.merge([usurping])).toEqual([]);
  expect(world.membership.counts().dropped.get("not-the-founder")).toBe(1);
});

test("a decision of a newer version is kept and spread without effect", () => {
  const world = new FoundedTestMesh();
  const newer = signEntry(world.mesh, world.founder, START, { case: undefined });
  const before = world.membership.members();
  expect(world.membership.merge([newer])).toHaveLength(1);
  expect(world.membership.members()).toEqual(before);
});

test("entries with shapes of no kind are dropped and counted by reason", () => {
  const world = new FoundedTestMesh();
  const { founder, mesh, membership } = world;
  const node = nodeIdToBytes(founder.nodeId);
  membership.merge([
    new Uint8Array(5000),
    Uint8Array.of(255, 255),
    signEntry({ ...mesh, id: new Uint8Array(16) }, founder, START, { case: "revocation", value: { node } }),
    signEntry(mesh, founder, START, { case: "revocation", value: { node: new Uint8Array(3) } }),
    signEntry(mesh, founder, START, { case: "revocation", value: { node, reason: "a\nb" } }),
    signEntry(mesh, founder, Number.MAX_SAFE_INTEGER, { case: "revocation", value: { node } }),
    signEntry(mesh, founder, START, { case: "admission", value: {} }),
  ]);
  expect(Object.fromEntries(membership.counts().dropped)).toEqual({
    "entry-too-large": 1,
    "malformed-frame": 1,
    "other-mesh": 1,
    "entry-malformed": 3,
    "bad-label": 1,
  });
  expect(membership.counts().entries).toBe(1);
});

import { silentLogger } from "@clawmatrix/environment";
import { nodeIdToBytes } from "@clawmatrix/identity";
import { StatusError } from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import { admit, appoint, revoke } from "./decisions.ts";
import { Membership } from "./membership.ts";
import { signEntry } from "./sign-entry.ts";
import { candidate, entriesOf, FoundedTestMesh, ids, START } from "./testing/founded-mesh.ts";

/** The reason of the refusal. */
function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof StatusError) return error.reason;
    throw error;
  }
  return "none";
}

function withOperators() {
  const world = new FoundedTestMesh();
  const [senior, junior, member] = [world.newNode(), world.newNode(), world.newNode()];
  for (const node of [senior, junior, member]) admit(world.byFounder, candidate(node));
  appoint(world.byFounder, senior.nodeId, true);
  world.clock.time += 1000;
  appoint(world.byFounder, junior.nodeId, true);
  return { world, senior, junior, member };
}

test("a mesh begins with its founder, who is its first operator", () => {
  const { membership, founder } = new FoundedTestMesh();
  expect(membership.members()).toEqual([
    {
      id: founder.nodeId,
      name: "first",
      role: "founder",
      state: "admitted",
      since: START,
      by: founder.nodeId,
      reason: "",
    },
  ]);
  expect(membership.isOperator(founder.nodeId)).toBe(true);
});

test("an operator admits, and the admission says who and when", () => {
  const { world, senior } = withOperators();
  const newcomer = world.newNode();
  expect(admit(world.as(senior), candidate(newcomer, "pc"))).toMatchObject({
    id: newcomer.nodeId,
    name: "pc",
    role: "member",
    state: "admitted",
    since: world.clock.time,
    by: senior.nodeId,
  });
});

test("admitting a member again changes nothing", () => {
  const { world, member } = withOperators();
  const before = world.membership.summary();
  admit(world.byFounder, candidate(member, "other name"));
  expect(world.membership.summary()).toEqual(before);
});

test("a member that is no operator can decide nothing", () => {
  const { world, member, junior } = withOperators();
  const by = world.as(member);
  expect(refusal(() => admit(by, candidate(world.newNode())))).toBe("not-an-operator");
  expect(refusal(() => revoke(by, junior.nodeId))).toBe("not-an-operator");
  expect(refusal(() => appoint(by, member.nodeId, true))).toBe("not-an-operator");
});

test("what a member that is no operator signs all the same is not taken over", () => {
  const { world, member, junior } = withOperators();
  const entry = signEntry(world.mesh, member, START, {
    case: "revocation",
    value: { node: nodeIdToBytes(junior.nodeId) },
  });
  expect(world.membership.merge([entry])).toEqual([]);
  expect(world.membership.isMember(junior.nodeId)).toBe(true);
});

test("a revoked node is out for good, also when it is admitted later", () => {
  const { world, member, junior } = withOperators();
  expect(revoke(world.byFounder, member.nodeId, { reason: "lost" })).toMatchObject({
    state: "revoked",
    reason: "lost",
    by: world.founder.nodeId,
  });
  world.clock.time += 1000;
  expect(refusal(() => admit(world.byFounder, candidate(member)))).toBe("node-revoked");
  const elsewhere = signEntry(world.mesh, junior, world.clock.time, {
    case: "admission",
    value: { node: candidate(member).keys, name: "back" },
  });
  world.membership.merge([elsewhere]);
  expect(world.membership.isMember(member.nodeId)).toBe(false);
  expect(world.membership.isRevoked(member.nodeId)).toBe(true);
});

test("a revocation holds against older gossip and over a restart", () => {
  const { world, member } = withOperators();
  const before = entriesOf(world.membership);
  revoke(world.byFounder, member.nodeId);
  const restarted = world.memory(entriesOf(world.membership));
  restarted.merge(before);
  expect(restarted.isRevoked(member.nodeId)).toBe(true);
});

test("nobody can revoke the founder, oneself, a senior operator or a node that is no member", () => {
  const { world, senior, junior } = withOperators();
  expect(refusal(() => revoke(world.as(senior), world.founder.nodeId))).toBe("founder");
  expect(refusal(() => revoke(world.as(senior), senior.nodeId))).toBe("oneself");
  expect(refusal(() => revoke(world.as(junior), senior.nodeId))).toBe("senior-operator");
  expect(refusal(() => revoke(world.as(senior), world.newNode().nodeId))).toBe("no-such-member");
});

test("an operator that was revoked cannot get anybody in or out by writing an earlier date", () => {
  const { world, senior, junior, member } = withOperators();
  revoke(world.as(senior), junior.nodeId);
  const accomplice = world.newNode();
  const backdated = [
    signEntry(world.mesh, junior, START, { case: "admission", value: { node: candidate(accomplice).keys } }),
    signEntry(world.mesh, junior, START, {
      case: "revocation",
      value: { node: nodeIdToBytes(member.nodeId) },
    }),
    signEntry(world.mesh, junior, 0, {
      case: "revocation",
      value: { node: nodeIdToBytes(senior.nodeId) },
    }),
  ];
  world.membership.merge(backdated);
  expect(world.membership.isMember(accomplice.nodeId)).toBe(false);
  expect(world.membership.isMember(member.nodeId)).toBe(true);
  expect(world.membership.isOperator(senior.nodeId)).toBe(true);
});

test("what an operator decided before it was revoked stays, as the word of who revoked it", () => {
  const { world, senior, junior, member } = withOperators();
  const newcomer = world.newNode();
  const third = world.newNode();
  admit(world.as(junior), candidate(newcomer, "pc"));
  admit(world.as(junior), candidate(third));
  appoint(world.as(junior), third.nodeId, true);
  const ofThird = world.newNode();
  admit(world.as(third), candidate(ofThird));
  revoke(world.as(junior), member.nodeId, { reason: "sold" });
  const admittedAt = world.clock.time;
  world.clock.time += 5000;

  const left: string[] = [];
  world.membership.onChange((node) => left.push(node));
  revoke(world.as(senior), junior.nodeId);

  expect(left).toEqual([junior.nodeId]);
  const { membership } = world;
  expect(membership.member(newcomer.nodeId)).toMatchObject({
    name: "pc",
    since: admittedAt,
    by: senior.nodeId,
  });
  expect(membership.isOperator(third.nodeId)).toBe(true);
  expect(membership.isMember(ofThird.nodeId)).toBe(true);
  expect(membership.member(member.nodeId)).toMatchObject({
    state: "revoked",
    reason: "sold",
    by: senior.nodeId,
  });
});

test("on request, everything that a revoked operator decided is undone", () => {
  const { world, senior, junior, member } = withOperators();
  const newcomer = world.newNode();
  admit(world.as(junior), candidate(newcomer));
  revoke(world.as(junior), member.nodeId);
  revoke(world.as(senior), junior.nodeId, { keepDecisions: false });
  expect(world.membership.isMember(newcomer.nodeId)).toBe(false);
  expect(world.membership.isMember(member.nodeId)).toBe(true);
});

test("of two operators that revoke each other the senior one stays, on every node", () => {
  const { world, senior, junior } = withOperators();
  const [here, there] = [
    world.memory(entriesOf(world.membership)),
    world.memory(entriesOf(world.membership)),
  ];
  revoke(world.as(senior, here), junior.nodeId);
  const revenge = signEntry(world.mesh, junior, START, {
    case: "revocation",
    value: { node: nodeIdToBytes(senior.nodeId) },
  });
  there.merge([revenge]);
  here.merge(entriesOf(there));
  there.merge(entriesOf(here));
  for (const membership of [here, there]) {
    expect(membership.isMember(senior.nodeId)).toBe(true);
    expect(membership.isRevoked(junior.nodeId)).toBe(true);
  }
});

test("an operator's office can be taken back and given again, also by a clock that was set back", () => {
  const { world, junior } = withOperators();
  const newcomer = world.newNode();
  admit(world.as(junior), candidate(newcomer));
  world.clock.time = START - 100_000;
  expect(appoint(world.byFounder, junior.nodeId, false)).toMatchObject({ role: "member", state: "admitted" });
  expect(world.membership.isMember(newcomer.nodeId)).toBe(true);
  expect(refusal(() => admit(world.as(junior), candidate(world.newNode())))).toBe("not-an-operator");
  expect(appoint(world.byFounder, junior.nodeId, true)).toMatchObject({ role: "operator" });
});

test("of a yes and a no said at the same moment the no holds, in whatever order they come", () => {
  const { world, member } = withOperators();
  const [yes, no] = [true, false].map((operator) =>
    signEntry(world.mesh, world.founder, world.clock.time, {
      case: "appointment",
      value: { node: nodeIdToBytes(member.nodeId), operator },
    }),
  ) as [Uint8Array, Uint8Array];
  for (const order of [
    [yes, no],
    [no, yes],
  ]) {
    const membership = world.memory([...entriesOf(world.membership), ...order]);
    expect(membership.isMember(member.nodeId)).toBe(true);
    expect(membership.isOperator(member.nodeId)).toBe(false);
  }
});

test("an office cannot be taken from the founder, oneself or a senior, nor against the word of a senior", () => {
  const { world, senior, junior, member } = withOperators();
  expect(refusal(() => appoint(world.as(senior), world.founder.nodeId, false))).toBe("founder");
  expect(refusal(() => appoint(world.as(senior), senior.nodeId, false))).toBe("oneself");
  expect(refusal(() => appoint(world.as(junior), senior.nodeId, false))).toBe("senior-operator");
  expect(refusal(() => appoint(world.as(senior), junior.nodeId, false))).toBe("senior-word");
  expect(refusal(() => appoint(world.byFounder, world.newNode().nodeId, true))).toBe("no-such-member");
  appoint(world.byFounder, member.nodeId, true);
  appoint(world.byFounder, member.nodeId, false);
  expect(refusal(() => appoint(world.as(senior), member.nodeId, true))).toBe("senior-word");
});

test("a name that would rewrite a screen is refused", () => {
  const world = new FoundedTestMesh();
  const node = world.newNode();
  expect(refusal(() => admit(world.byFounder, candidate(node, "a\u001b[2J")))).toBe("bad-label");
  expect(refusal(() => admit(world.byFounder, candidate(node, "x".repeat(64))))).toBe("bad-label");
});

test("a decision that could not be stored is reported, and holds until the restart", () => {
  const world = new FoundedTestMesh();
  const node = world.newNode();
  const membership = new Membership({
    mesh: world.mesh,
    entries: [world.founding],
    keep: () => {
      throw new Error("disk full");
    },
    logger: silentLogger,
  });
  expect(refusal(() => admit(world.as(world.founder, membership), candidate(node)))).toBe("not-stored");
  expect(membership.isMember(node.nodeId)).toBe(true);
});

test("changes are told once for each node that came or went, after all of it is known", () => {
  const { world, senior, junior, member } = withOperators();
  const elsewhere = world.memory();
  const told: string[] = [];
  elsewhere.onChange((node) => {
    expect(elsewhere.isMember(junior.nodeId)).toBe(true);
    told.push(node);
  });
  elsewhere.merge(entriesOf(world.membership));
  elsewhere.merge(entriesOf(world.membership));
  expect(told.sort()).toEqual(ids(senior, junior, member));
});

test("new entries are stored and told once, each after those that it depends on", () => {
  const { world } = withOperators();
  const kept: string[] = [];
  const elsewhere = new Membership({
    mesh: world.mesh,
    keep: ({ id }) => kept.push(id),
    logger: silentLogger,
  });
  const told: string[] = [];
  elsewhere.onEntries((entries) => told.push(...entries.map(({ id }) => id)));
  const entries = entriesOf(world.membership);
  const merged = elsewhere.merge([...entries].reverse());
  elsewhere.merge(entries);
  expect(kept.toSorted()).toEqual([...world.membership.entries()].map(({ id }) => id).toSorted());
  expect(told).toEqual(kept);
  expect(merged.map(({ id }) => id)).toEqual(kept);
  expect(elsewhere.summary()).toEqual(world.membership.summary());
});

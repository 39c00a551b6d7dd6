import { Identity, nodeIdToBytes } from "@clawmatrix/identity";
import { admit, appoint, parseInvitation, publicKeysOf } from "@clawmatrix/mesh";
import { MemberRole, MemberState, StatusCode, StatusError } from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import { newcomerOf, random, ServingNode } from "./testing/serving-node.ts";

async function refusal(call: Promise<unknown>): Promise<StatusError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

function addMember(node: ServingNode, name = "member"): Identity {
  const identity = Identity.generate(random);
  admit({ ...node }, { keys: publicKeysOf(identity), name });
  return identity;
}

const idOf = ({ nodeId }: Identity) => nodeIdToBytes(nodeId);

test("members are listed with role, state, time and who decided: admitted, pending and revoked", async () => {
  await using node = new ServingNode();
  const operator = addMember(node, "office");
  const gone = addMember(node, "old");
  appoint({ ...node }, operator.nodeId, true);
  node.clock.advance(5000);
  const local = node.locally();
  await local.revoke({ id: idOf(gone), reason: "sold" });
  const newcomer = newcomerOf(node);
  const { client } = node.connectionOf(newcomer.identity.nodeId);
  const request = client
    .requestAdmission({ keys: publicKeysOf(newcomer.identity), name: "new" })
    [Symbol.asyncIterator]();
  await request.next();

  const { members } = await local.listMembers({});
  const by = idOf(node.identity);
  const start = BigInt(node.clock.now() - 5000);
  expect(members).toMatchObject([
    { id: by, name: "first", role: MemberRole.FOUNDER, state: MemberState.ADMITTED, sinceUnixMs: start, by },
    { id: idOf(operator), name: "office", role: MemberRole.OPERATOR, state: MemberState.ADMITTED, by },
    { id: idOf(gone), name: "old", state: MemberState.REVOKED, sinceUnixMs: start + 5000n, by },
    { id: idOf(newcomer.identity), name: "new", role: MemberRole.MEMBER, state: MemberState.PENDING, by },
  ]);
  await request.return?.();
});

test("strangers can ask for admission and nothing else", async () => {
  await using node = new ServingNode();
  const stranger = Identity.generate(random);
  const { client } = node.connectionOf(stranger.nodeId);
  for (const call of [
    client.listPending({}),
    client.listMembers({}),
    client.approve({}),
    client.invite({}),
  ]) {
    expect((await refusal(call)).code).toBe(StatusCode.PERMISSION_DENIED);
  }
});

test("members can list, operators can decide from their nodes, and revoking is for local clients", async () => {
  await using node = new ServingNode();
  const [member, operator, newcomer] = [addMember(node), addMember(node), Identity.generate(random)];
  appoint({ ...node }, operator.nodeId, true);
  const asMember = node.connectionOf(member.nodeId).client;
  const asOperator = node.connectionOf(operator.nodeId).client;
  const approval = { id: idOf(newcomer), keys: publicKeysOf(newcomer), name: "pc" };
  expect((await asMember.listMembers({})).members).toHaveLength(3);
  expect((await refusal(asMember.approve(approval))).code).toBe(StatusCode.PERMISSION_DENIED);
  expect((await asOperator.approve(approval)).member).toMatchObject({ name: "pc" });
  expect((await refusal(asOperator.revoke({ id: idOf(member) }))).code).toBe(StatusCode.PERMISSION_DENIED);
});

test("approving a member again gives its row", async () => {
  await using node = new ServingNode();
  const member = addMember(node);
  expect((await node.locally().approve({ id: idOf(member) })).member).toMatchObject({ name: "member" });
});

test("approving who does not wait, with keys of another node, or who was revoked is refused", async () => {
  await using node = new ServingNode();
  const local = node.locally();
  const [stranger, other, gone] = [Identity.generate(random), Identity.generate(random), addMember(node)];
  expect((await refusal(local.approve({ id: idOf(stranger) }))).reason).toBe("not-pending");
  const mixed = local.approve({ id: idOf(stranger), keys: publicKeysOf(other) });
  expect((await refusal(mixed)).reason).toBe("keys-do-not-match");
  expect((await refusal(local.approve({ id: new Uint8Array(3) }))).reason).toBe("not-a-node-id");
  await local.revoke({ id: idOf(gone) });
  const again = local.approve({ id: idOf(gone), keys: publicKeysOf(gone) });
  expect((await refusal(again)).reason).toBe("node-revoked");
});

test("denying who does not wait is refused", async () => {
  await using node = new ServingNode();
  const id = idOf(Identity.generate(random));
  expect((await refusal(node.locally().deny({ id }))).reason).toBe("not-pending");
});

test("revoking is for good, told again alike, and refused for the founder and for who is no member", async () => {
  await using node = new ServingNode();
  const member = addMember(node);
  const local = node.locally();
  const first = await local.revoke({ id: idOf(member), reason: "lost" });
  expect(first.member).toMatchObject({ state: MemberState.REVOKED });
  expect(await local.revoke({ id: idOf(member) })).toEqual(first);
  expect((await refusal(local.revoke({ id: idOf(node.identity) }))).reason).toBe("founder");
  const nobody = idOf(Identity.generate(random));
  expect((await refusal(local.revoke({ id: nobody }))).reason).toBe("no-such-member");
});

test("a member becomes an operator and ceases to be one", async () => {
  await using node = new ServingNode();
  const id = idOf(addMember(node));
  const local = node.locally();
  expect((await local.appointOperator({ id, operator: true })).member?.role).toBe(MemberRole.OPERATOR);
  expect((await local.appointOperator({ id, operator: false })).member?.role).toBe(MemberRole.MEMBER);
});

test("an invitation names the node's addresses, and is good for an hour or as long as asked", async () => {
  await using node = new ServingNode();
  const local = node.locally();
  const answer = await local.invite({ name: "pc" });
  expect(answer.addresses).toEqual(node.ownAddresses);
  expect(answer.expiresAtUnixMs).toBe(BigInt(node.clock.now() + 3_600_000));
  expect(parseInvitation(answer.invitation)).toMatchObject({
    addresses: node.ownAddresses,
    proposedName: "pc",
    inviter: node.identity.nodeId,
  });
  const long = await local.invite({ expiresInMs: 30 * 86_400_000 });
  expect(long.expiresAtUnixMs).toBe(BigInt(node.clock.now() + 30 * 86_400_000));
  expect((await refusal(local.invite({ expiresInMs: 30 * 86_400_000 + 1 }))).reason).toBe("bad-expiry");
});

test("an invitation is refused where nobody could reach the node, and says what to set", async () => {
  await using node = new ServingNode();
  node.ownAddresses = [];
  const error = await refusal(node.locally().invite({}));
  expect(error.reason).toBe("no-address");
  expect(error.hint).toMatch(/listen.*advertise.*relay/);
});

test("a node that is no operator decides nothing, and says so", async () => {
  await using founder = new ServingNode();
  const [member, other] = [addMember(founder), addMember(founder)];
  await using node = new ServingNode({ identity: member, of: founder });
  const local = node.locally();
  const stranger = Identity.generate(random);
  const calls = [
    () => local.invite({}),
    () => local.approve({ id: idOf(stranger), keys: publicKeysOf(stranger) }),
    () => local.deny({ id: idOf(stranger) }),
    () => local.revoke({ id: idOf(other) }),
    () => local.appointOperator({ id: idOf(other), operator: true }),
  ];
  for (const call of calls) {
    const error = await refusal(call());
    expect(error.code).toBe(StatusCode.PERMISSION_DENIED);
    expect(error.message).toContain("operator");
  }
});

test("an operator that asks a node which is none is sent to its own", async () => {
  await using founder = new ServingNode();
  const member = addMember(founder);
  await using node = new ServingNode({ identity: member, of: founder });
  const { client } = node.connectionOf(founder.identity.nodeId);
  const stranger = Identity.generate(random);
  const approval = client.approve({ id: idOf(stranger), keys: publicKeysOf(stranger) });
  expect(await refusal(approval)).toMatchObject({ reason: "not-an-operator" });
  const denial = client.deny({ id: idOf(stranger) });
  expect(await refusal(denial)).toMatchObject({ reason: "not-pending" });
});

import { Identity, nodeIdToBytes } from "@clawmatrix/identity";
import { AdmissionState } from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import { requestAdmission } from "./request-admission.ts";
import { newcomerOf, random, ServingNode } from "./testing/serving-node.ts";

type Newcomer = ReturnType<typeof newcomerOf>;

/** An operator's node, and a member that is none; each knows what waits at the other as records would tell it. */
async function operatorAndMember() {
  const operator = new ServingNode();
  const member = new ServingNode({ identity: Identity.generate(random), of: operator });
  const tell = (): void => {
    operator.others.set(member, member.service.waiting);
    member.others.set(operator, operator.service.waiting);
    operator.service.othersChanged();
  };
  return { operator, member, tell };
}

/** Asks, and resolves when it is told to wait. */
async function wait(node: ServingNode, newcomer: Newcomer) {
  const { client } = node.connectionOf(newcomer.identity.nodeId);
  const { promise: waits, resolve } = Promise.withResolvers<void>();
  const outcome = requestAdmission({ client, ...newcomer, onPending: () => resolve() });
  outcome.catch(() => undefined);
  await Promise.race([waits, outcome]);
  return { outcome };
}

const idOf = ({ identity }: Newcomer): Uint8Array => nodeIdToBytes(identity.nodeId);

test("an operator's node counts who waits anywhere, each once; another member's only its own", async () => {
  const { operator, member, tell } = await operatorAndMember();
  await using _ = operator;
  await using __ = member;
  const [here, there, both] = [newcomerOf(operator), newcomerOf(operator), newcomerOf(operator)];
  await Promise.all([wait(operator, here), wait(member, there), wait(operator, both), wait(member, both)]);
  tell();
  expect(operator.service.pendingCount).toBe(3);
  expect(member.service.pendingCount).toBe(2);
});

test("one word of an operator refuses a request wherever it was made", async () => {
  const { operator, member, tell } = await operatorAndMember();
  await using _ = operator;
  await using __ = member;
  const newcomer = newcomerOf(operator);
  const { outcome } = await wait(member, newcomer);
  tell();
  await operator.locally().deny({ id: idOf(newcomer) });
  expect(await outcome).toMatchObject({ state: "denied", reason: "denied" });
  expect(member.service.pendingCount).toBe(0);
});

test("a refused node that asks another one is refused there as well, and let in where the operator changes its mind", async () => {
  const { operator, member, tell } = await operatorAndMember();
  await using _ = operator;
  await using __ = member;
  const newcomer = newcomerOf(operator);
  const { outcome: first } = await wait(operator, newcomer);
  await operator.locally().deny({ id: idOf(newcomer) });
  expect(await first).toMatchObject({ state: "denied" });
  const { outcome: second } = await wait(member, newcomer);
  tell();
  expect(await second).toMatchObject({ state: "denied" });
  const { identity } = newcomer;
  const keys = { signingKey: identity.signing.publicKey, agreementKey: identity.agreement.publicKey };
  await operator.locally().approve({ id: idOf(newcomer), keys, name: "newcomer" });
  member.learnFrom(operator);
  const { client } = member.connectionOf(identity.nodeId);
  const answer = await client.requestAdmission({ keys })[Symbol.asyncIterator]().next();
  expect(answer.value?.state).toBe(AdmissionState.ADMITTED);
});

test("sixteen wait in the whole mesh, not at each node", async () => {
  const { operator, member, tell } = await operatorAndMember();
  await using _ = operator;
  await using __ = member;
  for (let i = 0; i < 16; i++) {
    const newcomer = newcomerOf(operator);
    const node = i % 2 === 0 ? operator : member;
    node.addressOf.set(newcomer.identity.nodeId, `10.0.0.${i}`);
    await wait(node, newcomer);
    tell();
  }
  const { outcome } = await wait(member, newcomerOf(operator)).catch((error: unknown) => ({
    outcome: Promise.reject(error),
  }));
  await expect(outcome).rejects.toMatchObject({ reason: "too-many-pending" });
  expect(operator.service.pendingCount).toBe(16);
});

test("a stranger that comes from loopback waits like any other: a reverse proxy makes everybody come from there", async () => {
  await using node = new ServingNode();
  const newcomers = Array.from({ length: 4 }, () => newcomerOf(node));
  for (const [i, newcomer] of newcomers.entries()) {
    node.addressOf.set(newcomer.identity.nodeId, "127.0.0.1");
    const { outcome } = await wait(node, newcomer).catch((error: unknown) => ({
      outcome: Promise.reject(error),
    }));
    if (i === 3) await expect(outcome).rejects.toMatchObject({ reason: "too-many-from-address" });
    expect(node.membership.isMember(newcomer.identity.nodeId)).toBe(false);
  }
  expect(node.service.pendingCount).toBe(3);
});

import { nodeIdToBytes } from "@clawmatrix/identity";
import { parseInvitation, publicKeysOf, revoke } from "@clawmatrix/mesh";
import { AdmissionState, StatusCode, StatusError } from "@clawmatrix/protocol";
import { expect, test, vi } from "vitest";
import { REQUEST_WINDOW_MS, REQUESTS_PER_ADDRESS } from "./address-quota.ts";
import { DENIAL_MS } from "./admission-desk.ts";
import { MAX_PENDING, PENDING_LINGER_MS } from "./pending-requests.ts";
import { type AdmissionAnswer, requestAdmission } from "./request-admission.ts";
import { newcomerOf, ServingNode } from "./testing/serving-node.ts";

type Newcomer = ReturnType<typeof newcomerOf>;

/** Asks, and hands out the moment at which the node is told to wait. */
function ask(node: ServingNode, newcomer: Newcomer, admission?: Uint8Array) {
  const { client, cut } = node.connectionOf(newcomer.identity.nodeId);
  const waits = Promise.withResolvers<AdmissionAnswer>();
  const outcome = requestAdmission({
    client,
    ...newcomer,
    ...(admission === undefined ? {} : { admission }),
    onPending: waits.resolve,
  });
  outcome.catch(waits.reject);
  // A test looks at one of the two; the other one's rejection is expected.
  for (const promise of [outcome, waits.promise]) promise.catch(() => undefined);
  return { outcome, pending: waits.promise, cut };
}

async function refusal(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof StatusError) return error.reason;
  throw error ?? new Error("nothing was refused");
}

async function invitationOf(node: ServingNode, expiresInMs = 0) {
  return parseInvitation((await node.locally().invite({ expiresInMs })).invitation);
}

test("who brings an invitation is in at once, and knows all of the mesh", async () => {
  await using node = new ServingNode();
  const newcomer = newcomerOf(node);
  const invitation = await invitationOf(node);
  const admission = invitation.use(newcomer.identity, "pc", node.clock.now());
  const told: string[] = [];
  node.membership.onEntries((entries) => told.push(...entries.map(({ id }) => id)));
  expect(await ask(node, newcomer, admission).outcome).toEqual({ state: "admitted" });
  expect(newcomer.membership.summary()).toEqual(node.membership.summary());
  expect(newcomer.membership.isMember(newcomer.identity.nodeId)).toBe(true);
  expect(told).toHaveLength(1);
  expect(node.service.pendingCount).toBe(0);
});

test("a member that asks again is in at once", async () => {
  await using node = new ServingNode();
  const newcomer = newcomerOf(node);
  const admission = (await invitationOf(node)).use(newcomer.identity, "", node.clock.now());
  await ask(node, newcomer, admission).outcome;
  expect(await ask(node, newcomer).outcome).toEqual({ state: "admitted" });
});

test("who has no invitation waits until an operator approves", async () => {
  await using node = new ServingNode();
  const newcomer = newcomerOf(node);
  node.addressOf.set(newcomer.identity.nodeId, "10.0.0.7");
  const { outcome, pending } = ask(node, newcomer);
  expect(await pending).toMatchObject({ reason: "" });
  const local = node.locally();
  expect((await local.listPending({})).pending).toMatchObject([
    { name: "newcomer", address: "10.0.0.7", reason: "", sinceUnixMs: BigInt(node.clock.now()) },
  ]);
  const { member } = await local.approve({ id: nodeIdToBytes(newcomer.identity.nodeId) });
  expect(member).toMatchObject({ name: "newcomer", state: 1, by: nodeIdToBytes(node.identity.nodeId) });
  expect(await outcome).toEqual({ state: "admitted" });
  expect((await local.listPending({})).pending).toEqual([]);
});

test("who waits is told when it was let in anywhere in the mesh", async () => {
  await using node = new ServingNode();
  await using other = new ServingNode({ identity: node.identity, of: node });
  const newcomer = newcomerOf(node);
  const { outcome, pending } = ask(node, newcomer);
  await pending;
  const { identity } = newcomer;
  await other
    .locally()
    .approve({ id: nodeIdToBytes(identity.nodeId), keys: publicKeysOf(identity), name: "n" });
  node.learnFrom(other);
  expect(await outcome).toEqual({ state: "admitted" });
});

test("a denied node is told so, now and when it asks again within the hour, unless it is approved", async () => {
  await using node = new ServingNode();
  const newcomer = newcomerOf(node);
  const id = nodeIdToBytes(newcomer.identity.nodeId);
  const { outcome, pending } = ask(node, newcomer);
  await pending;
  await node.locally().deny({ id });
  expect(await outcome).toMatchObject({ state: "denied", reason: "denied" });
  expect(await ask(node, newcomer).outcome).toMatchObject({ state: "denied" });
  expect(node.service.pendingCount).toBe(0);
  node.clock.advance(DENIAL_MS);
  const again = ask(node, newcomer);
  await again.pending;
  await node.locally().approve({ id });
  expect(await again.outcome).toEqual({ state: "admitted" });
});

test("a used, expired or ended invitation makes its node wait, and says why", async () => {
  await using node = new ServingNode();
  const [first, second, third, fourth] = [
    newcomerOf(node),
    newcomerOf(node),
    newcomerOf(node),
    newcomerOf(node),
  ];
  const now = node.clock.now();
  const invitation = await invitationOf(node);
  await ask(node, first, invitation.use(first.identity, "", now)).outcome;
  expect(await ask(node, second, invitation.use(second.identity, "", now)).pending).toMatchObject({
    reason: "used",
  });
  expect(node.membership.isMember(second.identity.nodeId)).toBe(false);

  node.addressOf.set(third.identity.nodeId, "10.0.0.3");
  const short = (await invitationOf(node, 1000)).use(third.identity, "", now);
  const ofOperator = await (async () => {
    const id = nodeIdToBytes(first.identity.nodeId);
    await node.locally().appointOperator({ id, operator: true });
    await using operator = new ServingNode({ identity: first.identity, of: node });
    return await invitationOf(operator);
  })();
  node.clock.advance(1000 + 120_001);
  expect(await ask(node, third, short).pending).toMatchObject({ reason: "expired" });

  node.addressOf.set(fourth.identity.nodeId, "10.0.0.4");
  revoke({ ...node }, first.identity.nodeId);
  expect(await ask(node, fourth, ofOperator.use(fourth.identity, "", now)).pending).toMatchObject({
    reason: "revoked",
  });
  const { pending } = await node.locally().listPending({});
  expect(pending.map(({ reason }) => reason)).toEqual(["used", "expired", "revoked"]);
});

test("a revoked node is denied, whatever it brings", async () => {
  await using node = new ServingNode();
  const newcomer = newcomerOf(node);
  const invitation = await invitationOf(node);
  const admission = invitation.use(newcomer.identity, "", node.clock.now());
  await ask(node, newcomer, admission).outcome;
  revoke({ ...node }, newcomer.identity.nodeId);
  expect(await ask(node, newcomer, admission).outcome).toMatchObject({
    state: "denied",
    reason: "node-revoked",
  });
});

test("a node asks for itself only, with its keys, and under a name that can be shown", async () => {
  await using node = new ServingNode();
  const [one, other] = [newcomerOf(node), newcomerOf(node)];
  const { client } = node.connectionOf(one.identity.nodeId);
  expect(await refusal(requestAdmission({ client, ...other }))).toBe("not-the-callers-keys");
  expect(await refusal(requestAdmission({ client, ...one, name: "a\nb" }))).toBe("bad-label");
  const empty = client.requestAdmission({ name: "x" })[Symbol.asyncIterator]();
  expect(await refusal(empty.next())).toBe("keys-missing");
});

test("a node that has gone is still shown for an hour", async () => {
  await using node = new ServingNode();
  const newcomer = newcomerOf(node);
  const { outcome, pending, cut } = ask(node, newcomer);
  await pending;
  cut();
  await expect(outcome).rejects.toMatchObject({ code: StatusCode.UNAVAILABLE });
  await vi.waitFor(() => expect(node.clock.nextDue()).toBeDefined());
  node.clock.advance(PENDING_LINGER_MS - 1);
  expect(node.service.pendingCount).toBe(1);
  node.clock.advance(1);
  expect(node.service.pendingCount).toBe(0);
});

test("a node that asks twice waits in one place, and the older request ends", async () => {
  await using node = new ServingNode();
  const newcomer = newcomerOf(node);
  const first = ask(node, newcomer);
  await first.pending;
  const second = ask(node, newcomer);
  await second.pending;
  expect(await refusal(first.outcome)).toBe("asked-again");
  expect(node.service.pendingCount).toBe(1);
  await node.locally().approve({ id: nodeIdToBytes(newcomer.identity.nodeId) });
  expect(await second.outcome).toEqual({ state: "admitted" });
});

test("at most three nodes of one address wait within ten minutes", async () => {
  await using node = new ServingNode();
  const from = (address: string) => {
    const newcomer = newcomerOf(node);
    node.addressOf.set(newcomer.identity.nodeId, address);
    return ask(node, newcomer);
  };
  for (let i = 0; i < REQUESTS_PER_ADDRESS; i++) await from("10.0.0.1").pending;
  expect(await refusal(from("10.0.0.1").outcome)).toBe("too-many-from-address");
  await from("10.0.0.2").pending;
  node.clock.advance(REQUEST_WINDOW_MS);
  await from("10.0.0.1").pending;
});

test("at most sixteen nodes wait, and one that has gone makes room", async () => {
  await using node = new ServingNode();
  let addresses = 0;
  const another = () => {
    const newcomer = newcomerOf(node);
    node.addressOf.set(newcomer.identity.nodeId, `10.0.1.${addresses++}`);
    return ask(node, newcomer);
  };
  const waiting = Array.from({ length: MAX_PENDING }, another);
  await Promise.all(waiting.map(({ pending }) => pending));
  expect(await refusal(another().outcome)).toBe("too-many-pending");
  waiting[3]?.cut();
  await vi.waitFor(() => expect(node.clock.nextDue()).toBeDefined());
  await another().pending;
  expect(node.service.pendingCount).toBe(MAX_PENDING);
  expect(await refusal(another().outcome)).toBe("too-many-pending");
});

test("a node that stops ends the requests that wait, and keeps no timer", async () => {
  await using node = new ServingNode();
  const { outcome, pending } = ask(node, newcomerOf(node));
  await pending;
  node.service.stop();
  await expect(outcome).rejects.toMatchObject({ code: StatusCode.UNAVAILABLE, reason: "stopping" });
  expect(node.clock.nextDue()).toBeUndefined();
});

test("who only wants to know can leave it at the request", async () => {
  await using node = new ServingNode();
  const newcomer = newcomerOf(node);
  const { client } = node.connectionOf(newcomer.identity.nodeId);
  const outcome = await requestAdmission({ client, ...newcomer, untilDecided: false });
  expect(outcome).toMatchObject({ state: "pending" });
  expect(node.service.pendingCount).toBe(1);
});

test("a peer that only claims to have let the node in is found out", async () => {
  await using node = new ServingNode();
  const newcomer = newcomerOf(node);
  const saying = (...states: AdmissionState[]) => ({
    async *requestAdmission() {
      for (const state of states) {
        const $typeName = "clawmatrix.v1.RequestAdmissionResponse" as const;
        yield { $typeName, state, entries: [], reason: "", message: "" };
      }
    },
  });
  const ask = (...states: AdmissionState[]) => requestAdmission({ client: saying(...states), ...newcomer });
  expect(await refusal(ask(AdmissionState.ADMITTED))).toBe("admission-not-shown");
  expect(await refusal(ask(AdmissionState.PENDING))).toBe("no-decision");
  expect(await refusal(ask())).toBe("no-decision");
});

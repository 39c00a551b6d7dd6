import {
  AgentService,
  DiagnosticService,
  LocalService,
  MemberService,
  StatusCode,
  StatusError,
  TerminalService,
} from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import { overChannel, overConduit } from "./call-dialer.ts";
import { createClient } from "./create-client.ts";
import type { CallKey, ExecutedCall, ExecutedCallStore } from "./executed-call-store.ts";
import { collect, TestNodes } from "./test-nodes.ts";

async function twoNodes(options: Parameters<TestNodes["start"]>[1] = {}) {
  const nodes = new TestNodes();
  const a = await nodes.start();
  const b = await nodes.start(undefined, options);
  return { nodes, a, b, dialer: overChannel(a.channels, b.id) };
}

/** Keeps durable calls as a store does, in memory. */
class MemoryCallStore implements ExecutedCallStore {
  readonly calls = new Map<string, ExecutedCall>();

  begin(key: CallKey): ExecutedCall | undefined {
    const known = this.calls.get(nameOf(key));
    if (known === undefined) this.calls.set(nameOf(key), { state: "running" });
    return known;
  }

  finish(key: CallKey, result: Uint8Array): void {
    this.calls.set(nameOf(key), { state: "finished", result });
  }
}

const nameOf = ({ source, callId }: CallKey) => Buffer.concat([source, callId]).toString("hex");

test("a stranger may ask for admission and call nothing else", async () => {
  const { nodes, a, b, dialer } = await twoNodes();
  nodes.members.delete(a.id);
  b.registry.serve(DiagnosticService, { ping: async () => ({}) });
  b.registry.serve(MemberService, {
    async *requestAdmission(_request, { caller }) {
      yield { message: caller.member ? "member" : "stranger" };
    },
  });
  await expect(nodes.settle(createClient(DiagnosticService, dialer, nodes).ping({}))).rejects.toMatchObject({
    code: StatusCode.PERMISSION_DENIED,
    reason: "not-a-member",
  });
  const admission = createClient(MemberService, dialer, nodes).requestAdmission({});
  expect(await nodes.settle(collect(admission))).toMatchObject([{ message: "stranger" }]);
});

test("what is for local clients or for operators is refused to others", async () => {
  const { nodes, b, a, dialer } = await twoNodes();
  b.registry.serve(LocalService, { reload: async () => ({}) });
  b.registry.serve(MemberService, { approve: async () => ({}) });
  await expect(nodes.settle(createClient(LocalService, dialer, nodes).reload({}))).rejects.toMatchObject({
    reason: "local-only",
  });
  await nodes.settle(createClient(LocalService, overConduit(nodes.client(b)), nodes).reload({}));
  // A local client of another node is that node, seen from here.
  const remote = createClient(LocalService, overConduit(nodes.client(a), b.id), nodes);
  await expect(nodes.settle(remote.reload({}))).rejects.toMatchObject({ reason: "local-only" });
  const members = createClient(MemberService, dialer, nodes);
  await expect(nodes.settle(members.approve({}))).rejects.toMatchObject({ reason: "not-an-operator" });
  nodes.operators.add(a.id);
  await nodes.settle(members.approve({}));
});

test("the grants are asked, with who calls what", async () => {
  const asked: string[] = [];
  const { nodes, a, b } = await twoNodes({
    authorize: ({ nodeId, clientId, local }, { name, grant }) => {
      asked.push(`${nodeId === a.id} ${clientId} ${local} ${name} ${grant}`);
      return new StatusError(StatusCode.PERMISSION_DENIED, "no terminal for you", { reason: "not-granted" });
    },
  });
  b.registry.serve(TerminalService, { list: async () => ({}) });
  const client = createClient(TerminalService, overConduit(nodes.client(a), b.id), {
    ...nodes,
    clientId: "screen 1",
  });
  await expect(nodes.settle(client.list({}))).rejects.toMatchObject({ reason: "not-granted" });
  expect(asked).toEqual(["true screen 1 false TerminalService.List terminal"]);
});

test("a request that comes again is executed once, and answered each time", async () => {
  const { nodes, b, dialer } = await twoNodes();
  let executed = 0;
  b.registry.serve(AgentService, {
    answer: async () => {
      executed++;
      await new Promise<void>((resolve) => void nodes.clock.schedule(100, resolve));
      return {};
    },
  });
  const agents = createClient(AgentService, dialer, nodes);
  const callId = nodes.random.bytes(16);
  await nodes.settle(Promise.all([agents.answer({}, { callId }), agents.answer({}, { callId })]));
  await nodes.settle(agents.answer({}, { callId }));
  expect(executed).toBe(1);
  await nodes.settle(agents.answer({}));
  expect(executed).toBe(2);
});

test("a failed request that comes again fails in the same way, without being executed", async () => {
  const { nodes, b, dialer } = await twoNodes();
  let executed = 0;
  b.registry.serve(AgentService, {
    answer: async () => {
      executed++;
      throw new StatusError(StatusCode.NOT_FOUND, "nobody asked", { reason: "not-asked" });
    },
  });
  const agents = createClient(AgentService, dialer, nodes);
  const callId = nodes.random.bytes(16);
  for (let i = 0; i < 2; i++) {
    await expect(nodes.settle(agents.answer({}, { callId }))).rejects.toMatchObject({ reason: "not-asked" });
  }
  expect(executed).toBe(1);
});

test("a conversation cannot be had twice under one call id", async () => {
  const { nodes, b, dialer } = await twoNodes();
  b.registry.serve(AgentService, {
    async *prompt() {
      yield {};
      yield {};
    },
  });
  const agents = createClient(AgentService, dialer, nodes);
  const callId = nodes.random.bytes(16);
  async function* nothing() {}
  expect(await nodes.settle(collect(agents.prompt(nothing(), { callId })))).toHaveLength(2);
  await expect(nodes.settle(collect(agents.prompt(nothing(), { callId })))).rejects.toMatchObject({
    code: StatusCode.ABORTED,
    reason: "already-executed",
  });
});

test("a durable request is executed once across a restart of its node", async () => {
  const executedCalls = new MemoryCallStore();
  const { nodes, b, dialer } = await twoNodes({ executedCalls });
  let executed = 0;
  const openSession = async function* () {
    executed++;
    yield { event: { case: "progress", value: "starting" } } as const;
    yield { event: { case: "opened", value: {} } } as const;
  };
  b.registry.serve(AgentService, { openSession });
  const agents = createClient(AgentService, dialer, nodes);
  const callId = nodes.random.bytes(16);
  expect(await nodes.settle(collect(agents.openSession({}, { callId })))).toHaveLength(2);
  const again = await nodes.start(b.identity, { executedCalls });
  again.registry.serve(AgentService, { openSession });
  // The first attempt may still be told of the restart.
  const retry = () => nodes.settle(collect(agents.openSession({}, { callId })));
  const answer = await retry().catch(retry);
  expect(answer).toMatchObject([{ event: { case: "opened" } }]);
  expect(executed).toBe(1);
});

test("a durable request goes on when its caller is gone", async () => {
  const executedCalls = new MemoryCallStore();
  const { nodes, a, b } = await twoNodes({ executedCalls });
  let finished = false;
  b.registry.serve(AgentService, {
    async *openSession(_request, { signal }) {
      yield { event: { case: "progress", value: "starting" } } as const;
      await new Promise<void>((resolve) => void nodes.clock.schedule(5_000, resolve));
      finished = !signal.aborted;
      yield { event: { case: "opened", value: {} } } as const;
    },
  });
  const conduit = nodes.client(a);
  const iterator = createClient(AgentService, overChannel(a.channels, b.id), nodes)
    .openSession({})
    [Symbol.asyncIterator]();
  await nodes.settle(iterator.next());
  conduit.close(new StatusError(StatusCode.CANCELLED, "gone"));
  for (const channel of b.channels.channels()) channel.fail(new StatusError(StatusCode.UNAVAILABLE, "gone"));
  await nodes.pass(6_000, 10);
  expect(finished).toBe(true);
  expect([...executedCalls.calls.values()]).toMatchObject([{ state: "finished" }]);
  expect(b.server.openCalls).toBe(0);
});

test("what a node left to be done is counted as its calls, and ends once it is no member", async () => {
  const { nodes, a, b } = await twoNodes({ executedCalls: new MemoryCallStore(), callsPerCaller: 2 });
  const reasons: string[] = [];
  b.registry.serve(AgentService, {
    async *openSession(_request, { signal }) {
      yield { event: { case: "progress", value: "starting" } } as const;
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      reasons.push((signal.reason as StatusError).reason);
    },
  });
  const open = () => createClient(AgentService, overChannel(a.channels, b.id), nodes).openSession({});
  for (let i = 0; i < 2; i++) {
    await nodes.settle(open()[Symbol.asyncIterator]().next());
    for (const channel of b.channels.channels()) {
      channel.fail(new StatusError(StatusCode.UNAVAILABLE, "gone"));
    }
    await nodes.pass(1_000, 10);
  }
  expect(b.server.openCalls).toBe(2);
  await expect(nodes.settle(collect(open()))).rejects.toMatchObject({ reason: "too-many-calls" });
  const revoked = { reason: "not-a-member" };
  b.server.endCallsOf(a.id, new StatusError(StatusCode.PERMISSION_DENIED, "no member any more", revoked));
  await nodes.pass(100);
  expect(reasons).toEqual(["not-a-member", "not-a-member"]);
  expect(b.server.openCalls).toBe(0);
  await nodes.settle(open()[Symbol.asyncIterator]().next());
  await nodes.settle(b.channels.stop());
  b.server.stop();
  await nodes.pass(100);
  expect(reasons.at(-1)).toBe("node-stops");
  expect(b.server.openCalls).toBe(0);
});

test("one node too many calls is told so, and others are served", async () => {
  const { nodes, a, b, dialer } = await twoNodes({ callsPerCaller: 10 });
  b.registry.serve(DiagnosticService, {
    ping: async () => ({}),
    async *watchStatus(_request, { signal }) {
      yield {};
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  });
  const client = createClient(DiagnosticService, dialer, nodes);
  const watching = Array.from({ length: 10 }, () => client.watchStatus({})[Symbol.asyncIterator]());
  for (const each of watching) await nodes.settle(each.next());
  await expect(nodes.settle(client.ping({}))).rejects.toMatchObject({
    code: StatusCode.RESOURCE_EXHAUSTED,
    reason: "too-many-calls",
  });
  const other = await nodes.start();
  await nodes.settle(createClient(DiagnosticService, overChannel(other.channels, b.id), nodes).ping({}));
  for (const each of watching) await each.return?.();
  await nodes.pass(50);
  await nodes.settle(client.ping({}));
  expect([a.server.openCalls, b.server.openCalls]).toEqual([0, 0]);
});

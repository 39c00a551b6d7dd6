import {
  DiagnosticService,
  StatusCode,
  StatusError,
  TerminalService,
  type TerminalServiceOpenRequest,
  type TerminalServiceOpenRequestInit,
} from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import { overChannel, overConduit } from "./call-dialer.ts";
import { createClient } from "./create-client.ts";
import { collect, type TestNode, TestNodes } from "./test-nodes.ts";

/** What a terminal is sent, or sends: some text. */
const input = (text: string): TerminalServiceOpenRequestInit => ({
  message: { case: "input", value: { input: { case: "data", value: Buffer.from(text) } } },
});
const output = (text: string) =>
  ({ output: { output: { case: "data", value: Buffer.from(text) } } }) as const;
const textOf = ({ message }: TerminalServiceOpenRequest): string =>
  message.case === "input" && message.value.input.case === "data"
    ? Buffer.from(message.value.input.value).toString()
    : "";
async function* each<T>(items: Iterable<T>): AsyncIterable<T> {
  yield* items;
}

/** Two nodes, and clients of the second one on the first. */
async function twoNodes(nodes = new TestNodes()) {
  const a = await nodes.start();
  const b = await nodes.start();
  const dialer = overChannel(a.channels, b.id);
  return {
    nodes,
    a,
    b,
    diagnostics: createClient(DiagnosticService, dialer, nodes),
    terminals: createClient(TerminalService, dialer, nodes),
  };
}

/** Nothing of any call is left on a node. */
function expectNothingOpen(...all: TestNode[]): void {
  for (const { server, channels } of all) {
    expect(server.openCalls).toBe(0);
    for (const channel of channels.channels()) expect(channel.openCalls).toBe(0);
  }
}

test("a unary call and a conversation cross from one node to another, and from a local client", async () => {
  const { nodes, a, b } = await twoNodes();
  b.registry.serve(DiagnosticService, { ping: async ({ payload }) => ({ payload }) });
  b.registry.serve(TerminalService, {
    async *open(requests) {
      for await (const request of requests) yield output(textOf(request).toUpperCase());
    },
  });
  for (const dialer of [overChannel(a.channels, b.id), overConduit(nodes.client(a), b.id)]) {
    const diagnostics = createClient(DiagnosticService, dialer, nodes);
    const { payload } = await nodes.settle(diagnostics.ping({ payload: Buffer.from("hello") }));
    expect(Buffer.from(payload).toString()).toBe("hello");
    const terminals = createClient(TerminalService, dialer, nodes);
    const answers = await nodes.settle(collect(terminals.open(each(["one", "two"].map(input)))));
    expect(answers.map(({ output }) => Buffer.from(output?.output.value as Uint8Array).toString())).toEqual([
      "ONE",
      "TWO",
    ]);
  }
  expectNothingOpen(a, b);
});

test("an answer comes though the caller has not finished its own stream, and the other way round", async () => {
  const { nodes, a, b, terminals } = await twoNodes();
  let heard: string[] = [];
  b.registry.serve(TerminalService, {
    async *open(requests) {
      yield output("first");
      heard = (await collect(requests)).map(textOf);
      yield output("last");
    },
  });
  let release: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    release = resolve;
  });
  async function* inputs() {
    await answered;
    yield input("after the first answer");
  }
  const answers: unknown[] = [];
  const reading = (async () => {
    for await (const answer of terminals.open(inputs())) {
      answers.push(answer);
      release();
    }
  })();
  await nodes.settle(reading);
  expect(answers).toHaveLength(2);
  expect(heard).toEqual(["after the first answer"]);
  expectNothingOpen(a, b);
});

test("a message larger than a frame arrives whole, both ways", async () => {
  const { nodes, a, b, diagnostics } = await twoNodes(new TestNodes({ lose: 0.02, jitterMs: 3 }));
  b.registry.serve(DiagnosticService, { ping: async ({ payload }) => ({ payload }) });
  const payload = Buffer.from(nodes.random.bytes(3_000_000));
  const answer = await nodes.settle(diagnostics.ping({ payload }, { timeoutMs: 0 }));
  expect(Buffer.compare(answer.payload, payload)).toBe(0);
  expectNothingOpen(a, b);
});

test("a message larger than any may be is refused before it leaves", async () => {
  const { nodes, a, b, diagnostics } = await twoNodes();
  const call = diagnostics.ping({ payload: Buffer.alloc(34_000_000) });
  await expect(nodes.settle(call)).rejects.toMatchObject({ reason: "message-too-large" });
  expectNothingOpen(a, b);
});

test("a reader that stops makes its writer stop, and no other call", async () => {
  const { nodes, b, diagnostics } = await twoNodes();
  let written = 0;
  b.registry.serve(DiagnosticService, {
    ping: async ({ payload }) => ({ payload }),
    async *tailLog() {
      for (;;) {
        yield { lines: ["x".repeat(1_000)] };
        written++;
      }
    },
  });
  const iterator = diagnostics.tailLog({})[Symbol.asyncIterator]();
  await nodes.settle(iterator.next());
  await nodes.pass(5_000, 10);
  const stoppedAt = written;
  expect(stoppedAt).toBeLessThan(400);
  await nodes.settle(diagnostics.ping({}));
  await nodes.pass(1_000, 10);
  expect(written).toBe(stoppedAt);
  for (let i = 0; i < 1_000; i++) await nodes.settle(iterator.next());
  expect(written).toBeGreaterThan(stoppedAt);
  await iterator.return?.();
  await nodes.pass(10);
  expectNothingOpen(b);
});

test("a server that does not read makes its caller stop", async () => {
  const { nodes, a, b, terminals } = await twoNodes();
  b.registry.serve(TerminalService, {
    async *open(_requests, { signal }) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      yield output("never");
    },
  });
  let written = 0;
  async function* inputs() {
    for (;;) {
      yield input("x".repeat(1_000));
      written++;
    }
  }
  const abort = new AbortController();
  const reading = collect(terminals.open(inputs(), { signal: abort.signal }));
  await nodes.pass(5_000, 10);
  expect(written).toBeLessThan(400);
  abort.abort();
  await expect(nodes.settle(reading)).rejects.toMatchObject({ code: StatusCode.CANCELLED });
  await nodes.pass(10);
  expectNothingOpen(a, b);
});

test("a call that is cancelled ends on both sides", async () => {
  const { nodes, a, b, diagnostics } = await twoNodes();
  let ended: unknown;
  b.registry.serve(DiagnosticService, {
    ping: (_request, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          ended = signal.reason;
          reject(signal.reason);
        });
      }),
  });
  const abort = new AbortController();
  const call = diagnostics.ping({}, { signal: abort.signal });
  await nodes.pass(50);
  expect(b.server.openCalls).toBe(1);
  abort.abort();
  await expect(nodes.settle(call)).rejects.toMatchObject({ code: StatusCode.CANCELLED });
  await nodes.pass(50);
  expect(ended).toMatchObject({ code: StatusCode.CANCELLED });
  expectNothingOpen(a, b);
});

test("a call ends at its deadline on both sides, and what comes later is dropped and counted", async () => {
  const { nodes, a, b, terminals } = await twoNodes();
  let stopped = false;
  b.registry.serve(TerminalService, {
    async *open() {
      try {
        for (;;) {
          await new Promise<void>((resolve) => void nodes.clock.schedule(10, resolve));
          yield output("more");
        }
      } finally {
        stopped = true;
      }
    },
  });
  const reading = collect(terminals.open(each([]), { timeoutMs: 500 }));
  await expect(nodes.settle(reading)).rejects.toMatchObject({ code: StatusCode.DEADLINE_EXCEEDED });
  await nodes.pass(50);
  expect(stopped).toBe(true);
  expectNothingOpen(a, b);
});

test("a deadline that is renewed by progress does not end what goes on", async () => {
  const { nodes, b, diagnostics } = await twoNodes();
  b.registry.serve(DiagnosticService, {
    async *check() {
      for (let i = 0; i < 5; i++) {
        await new Promise<void>((resolve) => void nodes.clock.schedule(40_000, resolve));
        yield { subject: String(i) };
      }
    },
  });
  const reading = collect(diagnostics.check({}));
  await nodes.pass(210_000, 1_000);
  expect(await reading).toHaveLength(5);
});

test("an error crosses as it is, and one that was not meant for the caller without its words", async () => {
  const { nodes, b, diagnostics } = await twoNodes();
  const error = new StatusError(StatusCode.FAILED_PRECONDITION, "the agent is busy", {
    reason: "busy",
    hint: "wait",
    retryable: true,
  });
  let thrown: unknown = error;
  b.registry.serve(DiagnosticService, { ping: () => Promise.reject(thrown) });
  const { code, message, reason, hint, retryable } = error;
  await expect(nodes.settle(diagnostics.ping({}))).rejects.toMatchObject({
    code,
    message,
    reason,
    hint,
    retryable,
  });
  thrown = new TypeError("password is hunter2");
  const hidden = await nodes.settle(diagnostics.ping({})).catch((caught: StatusError) => caught);
  expect(hidden).toMatchObject({ code: StatusCode.INTERNAL, reason: "internal" });
  expect(JSON.stringify({ ...(hidden as StatusError), text: String(hidden) })).not.toContain("hunter2");
});

test("a method that is not served answers unimplemented, and says which", async () => {
  const { nodes, b, diagnostics, terminals } = await twoNodes();
  b.registry.serve(DiagnosticService, { ping: async () => ({}) });
  await expect(nodes.settle(diagnostics.trace({}))).rejects.toMatchObject({
    code: StatusCode.UNIMPLEMENTED,
    message: expect.stringContaining("DiagnosticService.Trace"),
  });
  await expect(nodes.settle(collect(terminals.open(each([]))))).rejects.toMatchObject({
    code: StatusCode.UNIMPLEMENTED,
    message: expect.stringContaining("TerminalService.Open"),
  });
});

test("a server that restarts in the middle of a call ends it with a word that it may be made again", async () => {
  const { nodes, b, diagnostics } = await twoNodes();
  b.registry.serve(DiagnosticService, { ping: () => new Promise(() => undefined) });
  const call = diagnostics.ping({}, { timeoutMs: 0 });
  await nodes.pass(100);
  const again = await nodes.start(b.identity);
  again.registry.serve(DiagnosticService, { ping: async () => ({}) });
  await expect(nodes.settle(call)).rejects.toMatchObject({ code: StatusCode.UNAVAILABLE, retryable: true });
  await nodes.settle(diagnostics.ping({}));
});

test("a node that is not there is reported at once", async () => {
  const { nodes, a } = await twoNodes();
  const nobody = "a".repeat(26) as TestNode["id"];
  for (const dialer of [overChannel(a.channels, nobody), overConduit(nodes.client(a), nobody)]) {
    const call = createClient(DiagnosticService, dialer, nodes).ping({});
    await expect(nodes.settle(call, 100)).rejects.toMatchObject({
      code: StatusCode.UNAVAILABLE,
      reason: "unreachable",
      message: `node ${nobody} is not reachable`,
    });
  }
});

test("a local client that goes away ends its calls on the node that serves them", async () => {
  const { nodes, a, b } = await twoNodes();
  let aborted = false;
  b.registry.serve(DiagnosticService, {
    async *watchStatus(_request, { signal }) {
      yield {};
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      aborted = true;
    },
  });
  const conduit = nodes.client(a);
  const iterator = createClient(DiagnosticService, overConduit(conduit, b.id), nodes)
    .watchStatus({})
    [Symbol.asyncIterator]();
  await nodes.settle(iterator.next());
  conduit.close(new StatusError(StatusCode.CANCELLED, "closed"));
  await nodes.pass(100);
  expect(aborted).toBe(true);
  expectNothingOpen(a, b);
});

test("a client that stops reading makes a writer on another node stop", async () => {
  const { nodes, a, b } = await twoNodes();
  let written = 0;
  b.registry.serve(DiagnosticService, {
    async *tailLog() {
      for (;;) {
        yield { lines: ["x".repeat(1_000)] };
        written++;
      }
    },
  });
  const conduit = nodes.client(a);
  const client = createClient(DiagnosticService, overConduit(conduit, b.id), nodes);
  const iterator = client.tailLog({})[Symbol.asyncIterator]();
  await nodes.settle(iterator.next());
  await nodes.pass(2_000, 10);
  const stoppedAt = written;
  expect(stoppedAt).toBeLessThan(400);
  for (let i = 0; i < 1_000; i++) await nodes.settle(iterator.next());
  await iterator.return?.();
  await nodes.pass(100);
  expectNothingOpen(a, b);
});

test("much that a client sends crosses its node, as fast as the other node reads it", async () => {
  const { nodes, a, b } = await twoNodes();
  let bytes = 0;
  b.registry.serve(TerminalService, {
    async *open(requests) {
      for await (const request of requests) bytes += textOf(request).length;
      yield output("done");
    },
  });
  const terminals = createClient(TerminalService, overConduit(nodes.client(a), b.id), nodes);
  const uploads = Array.from({ length: 2_000 }, () => input("x".repeat(1_000)));
  expect(await nodes.settle(collect(terminals.open(each(uploads))))).toHaveLength(1);
  expect(bytes).toBe(2_000_000);
});

test("after a thousand calls, good, failed, cancelled and timed out, nothing is left of them", async () => {
  const { nodes, a, b, diagnostics, terminals } = await twoNodes(new TestNodes({ lose: 0.01, jitterMs: 2 }));
  let turn = 0;
  b.registry.serve(DiagnosticService, {
    ping: async (_request, { signal }) => {
      if (turn++ % 3 === 0) return {};
      if (turn % 3 === 0) throw new StatusError(StatusCode.ABORTED, "no");
      return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  });
  b.registry.serve(TerminalService, {
    async *open(requests) {
      for await (const request of requests) yield output(textOf(request));
    },
  });
  const calls: Promise<PromiseSettledResult<unknown>[]>[] = [];
  for (let i = 0; i < 1_000; i++) {
    const abort = new AbortController();
    // Some deadlines are so far away that their timers would still be seen at the end.
    const options = { signal: abort.signal, timeoutMs: i % 10 === 0 ? 3_600_000 : 200 };
    const call =
      i % 2 === 0 ? diagnostics.ping({}, options) : collect(terminals.open(each([input("x")]), options));
    calls.push(Promise.allSettled([call]));
    if (i % 5 === 0) nodes.clock.schedule(i % 50, () => abort.abort());
    if (i % 100 === 0) await nodes.pass(5);
  }
  const outcomes = (await nodes.settle(Promise.all(calls))).flat();
  expect(outcomes.some(({ status }) => status === "fulfilled")).toBe(true);
  expect(outcomes.some(({ status }) => status === "rejected")).toBe(true);
  await nodes.pass(1_000, 10);
  expectNothingOpen(a, b);
  // What is left are the channel's own timers, and they end with it.
  await nodes.pass(15 * 60_000, 1_000);
  expect([...a.channels.channels(), ...b.channels.channels()]).toEqual([]);
  expect(nodes.clock.nextDue()).toBeUndefined();
});

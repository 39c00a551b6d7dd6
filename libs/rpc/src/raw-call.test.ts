import { FrameFlag } from "@clawmatrix/mesh";
import {
  CallHeader,
  CallLimit,
  DedupClass,
  DiagnosticService,
  Priority,
  StatusCode,
  type StatusError,
  StreamOpen,
  TerminalService,
} from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import { type Opening, RawCall } from "./raw-call.ts";
import { TestNodes } from "./test-nodes.ts";

const NOTHING = new Uint8Array(0);
/** A frame type that nobody knows. */
const NEWER_TYPE = 65_000;

/** What one side of a raw call has been told. */
class Told {
  readonly frames: { type: number; flags: number; payload: Uint8Array }[] = [];
  credit_ = 0;
  error: StatusError | undefined;
  over = false;

  frame(type: number, flags: number, payload: Uint8Array): void {
    this.frames.push({ type, flags, payload });
  }

  credit(bytes: number): void {
    this.credit_ += bytes;
  }

  ended(error: StatusError | undefined): void {
    this.over = true;
    this.error = error;
  }
}

async function twoNodes() {
  const nodes = new TestNodes();
  const a = await nodes.start();
  const b = await nodes.start();
  const opening = (method: number, target: Uint8Array = NOTHING): Opening => ({
    type: StreamOpen.number,
    flags: StreamOpen.dedupClass,
    header: CallHeader.encode({ method, callId: nodes.random.bytes(16), target }),
    payload: NOTHING,
  });
  const channel = await nodes.settle(a.channels.channelTo(b.id));
  return { nodes, a, b, opening, channel };
}

test("who sends more than it was allowed to has its call ended, and that call alone", async () => {
  const { nodes, b, opening, channel } = await twoNodes();
  b.registry.serve(TerminalService, {
    async *open(_requests, { signal }) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  });
  const told = new Told();
  const call = RawCall.open(channel, Priority.INTERACTIVE, opening(500), told);
  for (let i = 0; i < 10; i++)
    call.send(500, DedupClass.CHANNEL_SEQUENCE, new Uint8Array(CallLimit.MAX_FRAME_BYTES));
  await nodes.pass(100);
  expect(told.error).toMatchObject({ code: StatusCode.RESOURCE_EXHAUSTED, reason: "credit-exceeded" });
  expect(channel.ended).toBeUndefined();
  expect(b.server.openCalls).toBe(0);
});

test("empty frames are bounded by the credit too", async () => {
  const { nodes, b, opening, channel } = await twoNodes();
  b.registry.serve(TerminalService, {
    async *open(_requests, { signal }) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  });
  const told = new Told();
  const call = RawCall.open(channel, Priority.INTERACTIVE, opening(500), told);
  for (let i = 0; i < 5_000; i++) call.send(500, DedupClass.CHANNEL_SEQUENCE, NOTHING);
  await nodes.pass(100);
  expect(told.error).toMatchObject({ reason: "credit-exceeded" });
});

test("a frame type that the server does not know is skipped within its call", async () => {
  const { nodes, b, opening, channel } = await twoNodes();
  let requests = 0;
  b.registry.serve(TerminalService, {
    async *open(stream) {
      for await (const _request of stream) requests++;
      yield {};
    },
  });
  const told = new Told();
  const call = RawCall.open(channel, Priority.INTERACTIVE, opening(500), told);
  call.send(500, DedupClass.CHANNEL_SEQUENCE, NOTHING);
  call.send(NEWER_TYPE, DedupClass.CHANNEL_SEQUENCE, new Uint8Array(100));
  call.send(500, DedupClass.CHANNEL_SEQUENCE | FrameFlag.END, NOTHING);
  await nodes.pass(100);
  expect(requests).toBe(2);
  expect(told).toMatchObject({ over: true, error: undefined });
});

test("a malformed message ends its call with a reason, and not the channel", async () => {
  const { nodes, b, opening, channel } = await twoNodes();
  b.registry.serve(TerminalService, {
    async *open(stream) {
      for await (const _request of stream) yield {};
    },
  });
  const told = new Told();
  const call = RawCall.open(channel, Priority.INTERACTIVE, opening(500), told);
  call.send(500, DedupClass.CHANNEL_SEQUENCE, Buffer.from("0affffff", "hex"));
  await nodes.pass(100);
  expect(told.error?.code).toBe(StatusCode.INVALID_ARGUMENT);
  expect(channel.ended).toBeUndefined();
  expect(b.server.openCalls).toBe(0);
});

test("a node passes on frames that it does not know, both ways, as they are", async () => {
  const { nodes, a, b } = await twoNodes();
  const target = await nodes.settle(a.channels.channelTo(b.id));
  expect(target.ended).toBeUndefined();
  const atServer = new Told();
  let header: CallHeader | undefined;
  for (const channel of b.channels.channels()) {
    channel.accept((lane, _type, _flags, headerBytes, payload) => {
      header = CallHeader.decode(headerBytes);
      const call = RawCall.take(lane, payload.length, {
        frame: (type, flags, bytes) => {
          atServer.frame(type, flags, bytes);
          call.send(type + 1, flags, bytes);
        },
        credit: (bytes) => atServer.credit(bytes),
        ended: (error) => atServer.ended(error),
      });
      return call;
    });
  }
  const atClient = new Told();
  const bytes = Buffer.from(b.identity.nodeId);
  expect(bytes.length).toBe(26);
  const client = nodes.client(a);
  const { nodeIdToBytes } = await import("@clawmatrix/identity");
  const call = RawCall.open(
    client,
    Priority.INTERACTIVE,
    {
      type: NEWER_TYPE,
      flags: DedupClass.CALL_ID,
      header: CallHeader.encode({
        method: 64_000,
        callId: nodes.random.bytes(16),
        target: nodeIdToBytes(b.id),
        clientId: "screen 7",
      }),
      payload: NOTHING,
    },
    atClient,
  );
  call.send(NEWER_TYPE, 6, Buffer.from("whatever"));
  call.grant(1_000);
  await nodes.pass(100);
  expect(header).toMatchObject({ clientId: "screen 7", method: 64_000 });
  expect(header?.target.length).toBe(0);
  expect(atServer.frames).toMatchObject([{ type: NEWER_TYPE, flags: 6 }]);
  expect(atServer.credit_).toBe(1_000);
  expect(atClient.frames).toMatchObject([{ type: NEWER_TYPE + 1, flags: 6 }]);
  expect(Buffer.from(atClient.frames[0]?.payload ?? NOTHING).toString()).toBe("whatever");
});

test("rubbish as a call's frames ends that call, whatever it is", async () => {
  const { nodes, b, opening, channel } = await twoNodes();
  b.registry.serve(TerminalService, {
    async *open(stream) {
      for await (const _request of stream) yield {};
    },
  });
  b.registry.serve(DiagnosticService, { ping: async () => ({}) });
  for (let i = 0; i < 500; i++) {
    const told = new Told();
    const method = i % 3 === 0 ? 500 : i % 3 === 1 ? 705 : Math.floor(nodes.random.fraction() * 70_000);
    const call = RawCall.open(channel, Priority.INTERACTIVE, opening(method), told);
    for (let j = 0; j < 5; j++) {
      const type = [500, 61, 62, 63, 710][Math.floor(nodes.random.fraction() * 5)] as number;
      call.send(type, Math.floor(nodes.random.fraction() * 64) & ~FrameFlag.OPEN, nodes.random.bytes(i % 40));
    }
  }
  await nodes.pass(1_000, 10);
  expect(channel.ended).toBeUndefined();
});

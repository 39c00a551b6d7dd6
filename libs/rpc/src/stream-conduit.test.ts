import { Duplex, duplexPair } from "node:stream";
import { silentLogger, systemRandom, VirtualClock } from "@clawmatrix/environment";
import { DiagnosticService, StatusCode, TerminalService } from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import { overConduit } from "./call-dialer.ts";
import { CallServer } from "./call-server.ts";
import { createClient } from "./create-client.ts";
import { ServiceRegistry } from "./service-registry.ts";
import { StreamConduit } from "./stream-conduit.ts";
import { collect } from "./test-nodes.ts";

const clock = new VirtualClock();
const environment = { clock, random: systemRandom, logger: silentLogger };

/** A server of two services on one end of a connection; returns the other end. */
function served(size?: number): { here: Duplex; conduit: StreamConduit } {
  const [here, there] = duplexPair();
  const registry = new ServiceRegistry()
    .serve(DiagnosticService, {
      ping: async ({ payload }) => ({ payload }),
      async *tailLog() {
        for (let i = 0; i < 2_000; i++) yield { lines: [`line ${i} ${"x".repeat(1_000)}`] };
      },
    })
    .serve(TerminalService, {
      async *open(requests) {
        for await (const _request of requests) yield {};
      },
    });
  const server = new CallServer({
    ...environment,
    registry,
    self: "a".repeat(26) as never,
    isMember: () => true,
    isOperator: () => true,
    authorize: () => undefined,
  });
  const conduit = new StreamConduit(size === undefined ? there : inPieces(there, size), {
    ...environment,
    role: "server",
  });
  server.attachClient(conduit);
  return { here, conduit };
}

/** The same stream, whose bytes come and go `size` at a time. */
function inPieces(stream: Duplex, size: number): Duplex {
  const pieces = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      for (let at = 0; at < chunk.length; at += size) stream.write(chunk.subarray(at, at + size));
      done();
    },
    final: (done) => void stream.end(done),
  });
  stream.on("data", (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; at += size) pieces.push(chunk.subarray(at, at + size));
  });
  stream.on("end", () => pieces.push(null));
  return pieces;
}

test("calls pass though the bytes come two at a time", async () => {
  const { here } = served(2);
  const dialer = overConduit(new StreamConduit(inPieces(here, 2), { ...environment, role: "client" }));
  const diagnostics = createClient(DiagnosticService, dialer, environment);
  const payload = Buffer.from(systemRandom.bytes(50_000));
  const answers = await Promise.all([
    diagnostics.ping({ payload }),
    diagnostics.ping({}),
    diagnostics.ping({}),
  ]);
  expect(Buffer.compare(answers[0].payload, payload)).toBe(0);
});

test("a long stream arrives whole over a connection that is written to faster than it is read", async () => {
  const { here } = served();
  const dialer = overConduit(new StreamConduit(here, { ...environment, role: "client" }));
  const lines = (await collect(createClient(DiagnosticService, dialer, environment).tailLog({}))).flatMap(
    (answer) => answer.lines,
  );
  expect(lines.map((line) => line.split(" ")[1])).toEqual(Array.from({ length: 2_000 }, (_, i) => String(i)));
});

test.each([
  ["a length beyond any frame", Buffer.from("ffffffff", "hex")],
  ["a length of nothing but part of a header", Buffer.from("00000002003c", "hex")],
  ["a frame of a call that was never opened", Buffer.from("0000000500f4010100", "hex")],
  ["a call opened under a number of the other side", Buffer.from("00000006003c09020100", "hex")],
  ["an opening without a header", Buffer.from("00000005003c090100", "hex")],
  ["two frames in one length", Buffer.from("0000000a00f401000000f4010000", "hex")],
])("%s ends the connection with a reason", async (_name, bytes) => {
  const { here, conduit } = served();
  const ended = new Promise((resolve) => conduit.onEnded(resolve));
  here.on("data", () => undefined);
  here.write(bytes);
  expect(await ended).toMatchObject({ code: StatusCode.INVALID_ARGUMENT, reason: "bad-frame" });
});

test("a malformed call header ends its call, and not the connection", async () => {
  const { here, conduit } = served();
  const answer = new Promise<Buffer>((resolve) => here.once("data", resolve));
  // type 60, flags CALL_ID and OPEN, call 1, payload of 3 bytes: a header of 2 that are no message.
  here.write(Buffer.from("00000008003c09010302ffff", "hex"));
  expect((await answer).readUInt16BE(4)).toBe(61);
  expect(conduit.ended).toBeUndefined();
  expect(conduit.openCalls).toBe(0);
});

test("a connection that is cut ends its calls", async () => {
  const { here } = served();
  const client = new StreamConduit(here, { ...environment, role: "client" });
  const stream = createClient(TerminalService, overConduit(client), environment).open({
    [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
  });
  const reading = collect(stream);
  setImmediate(() => here.destroy(new Error("cut")));
  await expect(reading).rejects.toMatchObject({ code: StatusCode.UNAVAILABLE, reason: "connection-closed" });
  expect(client.openCalls).toBe(0);
});

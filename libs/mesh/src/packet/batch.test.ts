import { CipherState } from "@clawmatrix/identity";
import { PacketKind } from "@clawmatrix/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BatchBuffers } from "./batch-buffers.ts";
import { readBatch } from "./incoming-batch.ts";
import { BATCH_BYTES, ENTRY_BYTES, HEADER_BYTES, MAX_BATCH_BYTES, MAX_PAYLOAD_BYTES } from "./limits.ts";
import { OutgoingBatch } from "./outgoing-batch.ts";
import { writeHeader } from "./packet-header.ts";

const KEY = Buffer.alloc(32, 7);
const DESTINATION = Buffer.from("00112233445566778899aabbccddeeff", "hex");
const SOURCE = Buffer.from("ffeeddccbbaa99887766554433221100", "hex");

interface Packet {
  readonly kind: number;
  readonly payload: Uint8Array;
}

/** Packets into one batch, as far as they fit; the message is copied out of the buffer that is used again. */
function sealed(packets: readonly Packet[], buffers = new BatchBuffers(), cipher = new CipherState(KEY)) {
  let batch: OutgoingBatch | undefined;
  let taken = 0;
  for (const { kind, payload } of packets) {
    const outside = kind === PacketKind.CHANNEL;
    const [inner, outer] = outside ? [0, payload.length] : [payload.length, 0];
    batch ??= new OutgoingBatch(buffers, inner, outer);
    if (!batch.hasRoom(inner, outer)) break;
    batch.add(inner, outer);
    writeHeader(batch.buffer, batch.entryAt, kind, 0, DESTINATION, SOURCE);
    batch.buffer.writeUInt32BE(payload.length, batch.entryAt + HEADER_BYTES);
    batch.buffer.set(payload, outside ? batch.outerAt : batch.entryAt + ENTRY_BYTES);
    taken++;
  }
  if (batch === undefined) throw new Error("no packet");
  const bytes = batch.bytes;
  const message = Buffer.from(batch.seal(cipher));
  batch.release();
  return { message, taken, bytes };
}

function opened(message: Buffer, cipher = new CipherState(KEY)): Packet[] {
  const packets: Packet[] = [];
  readBatch(message, cipher, (headers, headerAt, payload, payloadAt, payloadBytes) => {
    const kind = headers[headerAt + 2] as number;
    packets.push({ kind, payload: Uint8Array.from(payload.subarray(payloadAt, payloadAt + payloadBytes)) });
  });
  return packets;
}

const anyPacket = fc.record({
  kind: fc.constantFrom(PacketKind.CHANNEL, PacketKind.NEIGHBOUR, PacketKind.NOTICE, 99),
  payload: fc.uint8Array({ maxLength: 400 }),
});

describe("a batch", () => {
  it("has the layout that the protocol describes", () => {
    const cipher = new CipherState(KEY);
    const { message } = sealed([
      { kind: PacketKind.CHANNEL, payload: Buffer.from("outside") },
      { kind: PacketKind.NEIGHBOUR, payload: Buffer.from("inside") },
    ]);
    expect(message.readUInt32BE(0)).toBe(40 + 46);
    expect(message.subarray(20 + 86).toString()).toBe("outside");
    const entries = Buffer.from(cipher.open(message.subarray(4, 20 + 86), message.subarray(0, 4)));
    const ids = `${DESTINATION.toString("hex")}${SOURCE.toString("hex")}`;
    expect(entries.toString("hex")).toBe(
      `01100100${ids}00000007${"01100200"}${ids}00000006${Buffer.from("inside").toString("hex")}`,
    );
  });

  it("gives back the packets that were put in, whatever they are", () => {
    const buffers = new BatchBuffers();
    fc.assert(
      fc.property(fc.array(anyPacket, { minLength: 1, maxLength: 400 }), (packets) => {
        const { message, taken, bytes } = sealed(packets, buffers);
        expect(message.length).toBe(bytes);
        expect(message.length).toBeLessThanOrEqual(BATCH_BYTES);
        expect(opened(message)).toEqual(packets.slice(0, taken));
      }),
      { numRuns: 60 },
    );
  });

  it("holds 64 KiB of the smallest packets, where the seal needs the room of its own entries", () => {
    const packets = new Array<Packet>(2000).fill({ kind: PacketKind.NOTICE, payload: new Uint8Array(0) });
    const { message, taken } = sealed(packets);
    expect(taken).toBe(Math.floor((BATCH_BYTES - 20) / ENTRY_BYTES));
    expect(opened(message)).toHaveLength(taken);
  });

  it("takes one packet of the largest size, inside or outside the seal", () => {
    for (const kind of [PacketKind.CHANNEL, PacketKind.NEIGHBOUR]) {
      const payload = new Uint8Array(MAX_PAYLOAD_BYTES).fill(3);
      const { message } = sealed([{ kind, payload }]);
      expect(message.length).toBe(MAX_BATCH_BYTES);
      expect(opened(message)).toEqual([{ kind, payload }]);
    }
  });

  it("does not open when a byte of it is changed, cut off or added", () => {
    const packets = [{ kind: PacketKind.NEIGHBOUR, payload: Buffer.from("all of this is sealed") }];
    const { message } = sealed(packets);
    for (let at = 0; at < message.length; at++) {
      const changed = Buffer.from(message);
      changed[at]! ^= 1;
      expect(() => opened(changed)).toThrow();
      expect(() => opened(message.subarray(0, at))).toThrow();
    }
    expect(() => opened(Buffer.concat([message, Buffer.alloc(1)]))).toThrow("longer than it says");
  });

  it("is refused where its sealed entries lie about lengths", () => {
    const lying = (entries: Buffer, outer: number): Buffer => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(entries.length);
      const text = new CipherState(KEY).seal(entries, length);
      return Buffer.concat([length, text, Buffer.alloc(outer)]);
    };
    const entry = (kind: number, length: number): Buffer => {
      const bytes = Buffer.alloc(ENTRY_BYTES);
      writeHeader(bytes, 0, kind, 0, DESTINATION, SOURCE);
      bytes.writeUInt32BE(length, HEADER_BYTES);
      return bytes;
    };
    expect(() => opened(lying(entry(PacketKind.CHANNEL, 5), 4))).toThrow("cut off");
    expect(() => opened(lying(entry(PacketKind.CHANNEL, MAX_PAYLOAD_BYTES + 1), 0))).toThrow(
      "longer than allowed",
    );
    expect(() => opened(lying(entry(PacketKind.NOTICE, 1), 1))).toThrow("cut off");
    expect(() => opened(lying(Buffer.alloc(7), 0))).toThrow("cut off");
    expect(() => opened(Buffer.alloc(19))).toThrow("too short");
  });
});

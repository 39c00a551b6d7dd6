import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CallCredit,
  CallStatus,
  FrameWriter,
  PingRequest,
  StatusCode,
  StatusError,
  TraceHop,
} from "./index.ts";

describe("encode", () => {
  test("gives bytes that no later message writes to", () => {
    const kept = Array.from({ length: 20_000 }, (_, i) => {
      const payload = new Uint8Array(i % 300).fill(i & 0xff);
      return { payload, bytes: PingRequest.encode({ payload }) };
    });
    for (const { payload, bytes } of kept)
      expect(Buffer.compare(PingRequest.decode(bytes).payload, payload)).toBe(0);
  });

  test("writes messages that are larger than its room whole", () => {
    for (const size of [0, 1, 127, 128, 8191, 8192, 16_384, 100_000, 3_000_000]) {
      const payload = new Uint8Array(size).fill(7);
      const bytes = PingRequest.encode({ payload });
      expect(Buffer.compare(PingRequest.decode(bytes).payload, payload)).toBe(0);
    }
  });

  test("keeps a message whole within which another one is encoded", () => {
    const inner = () => PingRequest.encode({ payload: new Uint8Array(3).fill(9) });
    const outer = {
      message: "before",
      get reason() {
        return Buffer.from(inner()).toString("hex");
      },
      hint: "after",
    };
    const expected = { message: "before", reason: "0a03090909", hint: "after" };
    expect(CallStatus.decode(CallStatus.encode(outer))).toMatchObject(expected);
  });

  test("goes on with the next message after one that failed", () => {
    expect(() => CallCredit.encode({ bytes: -1 })).toThrow(StatusError);
    expect(CallCredit.decode(CallCredit.encode({ bytes: 5 })).bytes).toBe(5);
  });

  test.each([-1, 0.5, 0x1_0000_0000, Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses %d as a uint32",
    (bytes) => {
      expect(() => CallCredit.encode({ bytes })).toThrow(
        expect.objectContaining({ code: StatusCode.INVALID_ARGUMENT, reason: "value-out-of-range" }),
      );
    },
  );

  test("writes 0 not at all and -0 as a value of its own", () => {
    expect(TraceHop.encode({ rttMs: 0 })).toHaveLength(0);
    expect(TraceHop.decode(TraceHop.encode({ rttMs: -0 })).rttMs).toBe(-0);
  });
});

describe("a writer", () => {
  test("holds header and message one behind the other, and is used again from the start", () => {
    const writer = new FrameWriter(4);
    for (let round = 0; round < 3; round++) {
      writer.position = 0;
      writer.uint16(CallCredit.number);
      writer.byte(0x12);
      writer.varint(300);
      CallCredit.writeTo({ bytes: 1000 }, writer);
      writer.raw(Uint8Array.of(0xaa, 0xbb));
      expect(hex(writer.bytes.subarray(0, writer.position))).toBe("003e12ac0208e807aabb");
    }
  });

  test("puts any length before what is written between begin and end", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20_000), { minLength: 1, maxLength: 4 }), (lengths) => {
        const writer = new FrameWriter(16);
        for (const length of lengths) {
          const start = writer.begin(10);
          writer.raw(new Uint8Array(length).fill(5));
          writer.end(start);
        }
        let position = 0;
        for (const length of lengths) {
          const decoded = PingRequest.decode(
            writer.bytes,
            position,
            position + headerLength(length) + length,
          );
          expect(decoded.payload).toHaveLength(length);
          expect(decoded.payload.every((byte) => byte === 5)).toBe(true);
          position += headerLength(length) + length;
        }
        expect(position).toBe(writer.position);
      }),
      { numRuns: 50 },
    );
  });
});

/** A tag of one byte, and the length. */
function headerLength(length: number): number {
  if (length < 0x80) return 2;
  return length < 0x4000 ? 3 : 4;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

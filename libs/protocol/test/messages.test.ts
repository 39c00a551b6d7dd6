import { fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameWriter, StatusCode, StatusError } from "../src/index.ts";
import { arbitraryMessage } from "./arbitrary-message.ts";
import { type MessagePair, messagePairs } from "./descriptors.ts";
import { verdictOn } from "./verdict.ts";

const pairs = await messagePairs();
const RUNS = { numRuns: 20 };

/** A field that no message of ours has, and that a newer version may. */
const UNKNOWN_FIELDS = Buffer.from("f87f9601fa7f0568656c6c6ffd7f01020304f97f0102030405060708", "hex");

describe.each(pairs)("$type.typeName", (pair) => {
  const { type, desc } = pair;

  test("has protobuf-es' bytes", () => {
    fc.assert(
      fc.property(arbitraryMessage(desc), (message) => {
        expect(hex(type.encode(message))).toBe(hex(toBinary(desc, message)));
      }),
      RUNS,
    );
  });

  test("is read as protobuf-es reads it, and written back the same", () => {
    fc.assert(
      fc.property(arbitraryMessage(desc), (message) => {
        const bytes = toBinary(desc, message);
        const decoded = type.decode(bytes);
        expect(decoded).toEqual(fromBinary(desc, bytes));
        expect(hex(type.encode(decoded))).toBe(hex(bytes));
      }),
      RUNS,
    );
  });

  test("is written into and read from the middle of other bytes", () => {
    fc.assert(
      fc.property(arbitraryMessage(desc), fc.integer({ min: 0, max: 20 }), (message, before) => {
        const writer = new FrameWriter(16);
        for (let i = 0; i < before; i++) writer.byte(0xff);
        type.writeTo(message, writer);
        const end = writer.position;
        writer.byte(0xff);
        expect(hex(writer.bytes.subarray(before, end))).toBe(hex(toBinary(desc, message)));
        expect(type.decode(writer.bytes, before, end)).toEqual(fromBinary(desc, toBinary(desc, message)));
      }),
      RUNS,
    );
  });

  test("keeps what a newer version says", () => {
    fc.assert(
      fc.property(arbitraryMessage(desc), (message) => {
        const bytes = joined(toBinary(desc, message), UNKNOWN_FIELDS);
        const decoded = type.decode(bytes);
        expect(decoded).toEqual(fromBinary(desc, bytes));
        expect(hex(type.encode(decoded))).toBe(hex(bytes));
      }),
      RUNS,
    );
  });

  test("merges what comes twice as protobuf-es does", () => {
    fc.assert(
      fc.property(arbitraryMessage(desc), arbitraryMessage(desc), (first, second) => {
        const bytes = joined(toBinary(desc, first), toBinary(desc, second));
        expect(type.decode(bytes)).toEqual(fromBinary(desc, bytes));
      }),
      RUNS,
    );
  });

  test("reads damaged bytes strictly, or ends in the one error", () => {
    fc.assert(
      fc.property(arbitraryMessage(desc), damage(), (message, damaged) => {
        agreeOn(pair, damaged(toBinary(desc, message)));
      }),
      { numRuns: 40 },
    );
  });
});

test("any bytes at all are read or refused, by every type", () => {
  fc.assert(
    fc.property(fc.constantFrom(...pairs), fc.uint8Array({ maxLength: 60 }), (pair, bytes) =>
      agreeOn(pair, bytes),
    ),
    { numRuns: 3000 },
  );
});

type Damage = (bytes: Uint8Array) => Uint8Array;

function damage(): fc.Arbitrary<Damage> {
  const place = fc.nat(10_000);
  return fc.oneof(
    place.map(
      (at): Damage =>
        (bytes) =>
          bytes.slice(0, at % (bytes.length + 1)),
    ),
    fc.tuple(place, fc.nat(255)).map(
      ([at, value]): Damage =>
        (bytes) =>
          bytes.length === 0 ? bytes : bytes.with(at % bytes.length, value),
    ),
    fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 6 })).map(
      ([at, insert]): Damage =>
        (bytes) => {
          const place = at % (bytes.length + 1);
          return Uint8Array.from([...bytes.slice(0, place), ...insert, ...bytes.slice(place)]);
        },
    ),
  );
}

/**
 * What is no message in the strict reading is refused with the typed error; what is one is read as protobuf-es reads it. A
 * field in a foreign wire type is kept as unknown, as the specification says; protobuf-es reads it as if it were its own.
 */
function agreeOn({ type, desc }: MessagePair, bytes: Uint8Array): void {
  const verdict = verdictOn(desc, bytes);
  if (verdict === "invalid") {
    const failure = failureOf(() => type.decode(bytes));
    expect(failure).toBeInstanceOf(StatusError);
    expect(failure).toMatchObject({ code: StatusCode.INVALID_ARGUMENT, reason: "malformed-frame" });
    return;
  }
  const decoded = type.decode(bytes);
  if (verdict === "valid") expect(decoded).toEqual(fromBinary(desc, bytes));
  else expect(type.decode(type.encode(decoded))).toEqual(decoded);
}

function failureOf(decode: () => object): unknown {
  try {
    return `read as ${JSON.stringify(Object.keys(decode()))}`;
  } catch (failure) {
    return failure;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  return Uint8Array.from([...first, ...second]);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

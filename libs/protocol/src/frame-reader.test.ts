import { describe, expect, test } from "vitest";
import { MAX_ELEMENTS, MAX_GROUP_DEPTH } from "./frame-reader.ts";
import { Heartbeat, ListMembersResponse, PingRequest, ReloadResponse, StatusCode } from "./index.ts";

const MALFORMED = expect.objectContaining({ code: StatusCode.INVALID_ARGUMENT, reason: "malformed-frame" });

describe("decode", () => {
  test("gives views of the input for bytes, not copies", () => {
    const input = PingRequest.encode({ payload: Uint8Array.of(1, 2, 3) });
    const { payload } = PingRequest.decode(input);
    input[input.length - 1] = 9;
    expect([...payload]).toEqual([1, 2, 9]);
  });

  test("reads only what lies between start and end", () => {
    const bytes = Uint8Array.of(0xff, 0x08, 0x05, 0xff);
    expect(Heartbeat.decode(bytes, 1, 3).number).toBe(5);
    expect(() => Heartbeat.decode(bytes, 1, 2)).toThrow(MALFORMED);
  });

  test.each([
    [-1, 2],
    [3, 2],
    [0, 9],
  ])("refuses a range from %d to %d of two bytes", (start, end) => {
    expect(() => Heartbeat.decode(Uint8Array.of(8, 5), start, end)).toThrow(MALFORMED);
  });

  test("says where the bytes are wrong, and nothing of what they hold", () => {
    const secret = Buffer.from("0a06736563726574", "hex").subarray(0, 7);
    expect(() => ReloadResponse.decode(secret)).toThrow(
      "malformed message: a length reaches past the end (byte 2)",
    );
  });

  test("keeps as unknown a known field in a foreign wire type", () => {
    const decoded = Heartbeat.decode(Buffer.from("0a0161", "hex"));
    expect(decoded).toMatchObject({
      number: 0,
      $unknown: [{ no: 1, wireType: 2, data: Uint8Array.of(1, 0x61) }],
    });
    expect(Buffer.from(Heartbeat.encode(decoded)).toString("hex")).toBe("0a0161");
  });
});

describe("a message of few bytes cannot become much memory:", () => {
  // Two bytes each: an empty message in a list, an empty text in a list, an unknown field.
  const costly = [
    ["messages", ListMembersResponse, [0x0a, 0x00]],
    ["texts", ReloadResponse, [0x0a, 0x00]],
    ["unknown fields", Heartbeat, [0x78, 0x00]],
  ] as const;

  test.each(costly)("as many %s as the bound allows are read, one more is refused", (_, type, element) => {
    const bytes = (count: number) => Buffer.alloc(count * 2, Uint8Array.from(element));
    expect(() => type.decode(bytes(MAX_ELEMENTS))).not.toThrow();
    expect(() => type.decode(bytes(MAX_ELEMENTS + 1))).toThrow(MALFORMED);
  });

  test("groups are skipped to a bounded depth", () => {
    const nested = (depth: number) => Buffer.concat([Buffer.alloc(depth, 0x7b), Buffer.alloc(depth, 0x7c)]);
    expect(() => Heartbeat.decode(nested(MAX_GROUP_DEPTH))).not.toThrow();
    expect(() => Heartbeat.decode(nested(MAX_GROUP_DEPTH + 1))).toThrow(MALFORMED);
    expect(() => Heartbeat.decode(nested(1_000_000))).toThrow(MALFORMED);
  });
});

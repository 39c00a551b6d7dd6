import { NodeRecord } from "@clawmatrix/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { peekRecord } from "./record-peek.ts";

const key = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe("a look at a record's first bytes", () => {
  it("sees the keys and the version that decoding finds", () => {
    fc.assert(
      fc.property(
        key,
        key,
        fc.bigInt({ min: 1n, max: 2n ** 49n - 1n }),
        (signingKey, agreementKey, version) => {
          const bytes = NodeRecord.encode({ signingKey, agreementKey, version, name: "laptop" });
          const peek = peekRecord(bytes);
          expect(BigInt(peek?.version ?? -1)).toBe(NodeRecord.decode(bytes).version);
          expect(bytes.subarray(peek?.signingKeyAt, (peek?.signingKeyAt ?? 0) + 32)).toEqual(signingKey);
        },
      ),
    );
  });

  it("sees nothing where the version is too high for it, or not where it belongs", () => {
    const keys = { signingKey: Buffer.alloc(32, 1), agreementKey: Buffer.alloc(32, 2) };
    expect(peekRecord(NodeRecord.encode({ ...keys, version: 2n ** 49n }))).toBeUndefined();
    expect(peekRecord(NodeRecord.encode({ ...keys, version: 0n, name: "laptop" }))).toBeUndefined();
    expect(peekRecord(NodeRecord.encode({ signingKey: keys.signingKey, version: 3n }))).toBeUndefined();
  });

  it("sees nothing in what breaks off, and nothing wrong in other bytes", () => {
    const whole = NodeRecord.encode({
      signingKey: Buffer.alloc(32, 1),
      agreementKey: Buffer.alloc(32, 2),
      version: 300n,
    });
    for (let length = 0; length < whole.length; length++) {
      expect(peekRecord(whole.subarray(0, length))).toBeUndefined();
    }
    expect(peekRecord(whole)?.version).toBe(300);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 90 }), (bytes) => void peekRecord(bytes)));
  });
});

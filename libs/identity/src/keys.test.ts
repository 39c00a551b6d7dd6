import { seededRandom } from "@clawmatrix/environment";
import { StatusError } from "@clawmatrix/protocol";
import fc from "fast-check";
import nacl from "tweetnacl";
import { describe, expect, it } from "vitest";
import { AgreementKeys } from "./agreement-keys.ts";
import { deriveKey } from "./key-derivation.ts";
import { SigningKeys, VerifyingKey } from "./signing-keys.ts";

const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const message = fc.uint8Array({ maxLength: 200 });
/** tweetnacl takes 10 ms and more per signature. */
const FEW = { numRuns: 15 };
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));

describe("signing keys", () => {
  it("sign as tweetnacl does with the same bytes, and each accepts the other's signature", () => {
    fc.assert(
      fc.property(key, message, (seed, text) => {
        const keys = SigningKeys.fromSeed(seed);
        const theirs = nacl.sign.keyPair.fromSeed(seed);
        const signature = Uint8Array.from(keys.sign(text));
        expect(keys.publicKey).toEqual(theirs.publicKey);
        expect(signature).toEqual(nacl.sign.detached(text, theirs.secretKey));
        expect(nacl.sign.detached.verify(text, signature, keys.publicKey)).toBe(true);
        expect(new VerifyingKey(keys.publicKey).verify(text, signature)).toBe(true);
      }),
      FEW,
    );
  });

  it("refuse a signature with any bit changed, another text, another key, or another length", () => {
    const keys = SigningKeys.generate(seededRandom(1));
    const signature = keys.sign(Buffer.from("text"));
    const verifying = new VerifyingKey(keys.publicKey);
    for (let bit = 0; bit < 512; bit++) {
      const changed = Uint8Array.from(signature);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(verifying.verify(Buffer.from("text"), changed), `bit ${bit}`).toBe(false);
    }
    expect(verifying.verify(Buffer.from("Text"), signature)).toBe(false);
    expect(verifying.verify(Buffer.from("text"), signature.subarray(1))).toBe(false);
    const other = new VerifyingKey(SigningKeys.generate(seededRandom(2)).publicKey);
    expect(other.verify(Buffer.from("text"), signature)).toBe(false);
  });

  it("check signatures by public keys that are no points, without throwing", () => {
    fc.assert(
      fc.property(key, fc.uint8Array({ maxLength: 70 }), (publicKey, signature) => {
        expect(new VerifyingKey(publicKey).verify(Buffer.from("text"), signature)).toBe(false);
      }),
    );
  });

  it("refuse keys of a wrong length", () => {
    expect(() => SigningKeys.fromSeed(new Uint8Array(64))).toThrow(StatusError);
    expect(() => new VerifyingKey(new Uint8Array(31))).toThrow(/32 bytes, not 31/);
  });
});

describe("agreement keys", () => {
  it("agree as tweetnacl does with the same bytes", () => {
    fc.assert(
      fc.property(key, key, (mine, yours) => {
        const [a, b] = [AgreementKeys.fromSecret(mine), AgreementKeys.fromSecret(yours)];
        expect(a.publicKey).toEqual(nacl.scalarMult.base(mine));
        const shared = Uint8Array.from(a.agree(b.publicKey));
        expect(shared).toEqual(Uint8Array.from(b.agree(a.publicKey)));
        expect(shared).toEqual(nacl.scalarMult(mine, b.publicKey));
      }),
      FEW,
    );
  });

  it("agree with any point as tweetnacl does, its highest bit set or not", () => {
    fc.assert(
      fc.property(key, key, (mine, point) => {
        const shared = Uint8Array.from(AgreementKeys.fromSecret(mine).agree(point));
        expect(shared).toEqual(nacl.scalarMult(mine, point));
      }),
      FEW,
    );
  });

  // All that X25519 maps to zero, from https://cr.yp.to/ecdh.html#validate
  it.each([
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ])("refuse the point %s of small order", (point) => {
    const keys = AgreementKeys.generate(seededRandom(3));
    expect(() => keys.agree(hex(point))).toThrow(/small order/);
  });

  it("refuse keys of a wrong length", () => {
    expect(() => AgreementKeys.fromSecret(new Uint8Array(33))).toThrow(StatusError);
    expect(() => AgreementKeys.generate(seededRandom(4)).agree(new Uint8Array(0))).toThrow(StatusError);
  });
});

describe("key derivation", () => {
  it("is the HKDF of RFC 5869, test case 3", () => {
    expect(deriveKey(new Uint8Array(22).fill(0x0b), new Uint8Array(0), "", 42)).toEqual(
      hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"),
    );
  });
});

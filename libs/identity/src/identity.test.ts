import { inspect } from "node:util";
import { seededRandom, systemRandom } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { describe, expect, it } from "vitest";
import { checkHello, signHello } from "./hello-binding.ts";
import { Identity } from "./identity.ts";
import { MeshSecret } from "./mesh-secret.ts";
import { nodeIdFromKeys } from "./node-id.ts";
import { CipherState } from "./noise/cipher-state.ts";
import { HandshakeState } from "./noise/handshake-state.ts";
import { NOISE_XX } from "./noise/patterns.ts";
import { signParts, verifyParts } from "./signatures.ts";
import { openSmall, SMALL_BOX_OVERHEAD_BYTES, sealSmall } from "./small-box.ts";

const identity = Identity.generate(seededRandom(1));
const other = Identity.generate(seededRandom(2));

describe("an identity", () => {
  it("is the same after it was written and read", () => {
    const copy = Identity.parse(identity.revealText());
    expect(copy.nodeId).toBe(identity.nodeId);
    expect(copy.revealText()).toBe(identity.revealText());
    const shared = copy.agreement.agree(other.agreement.publicKey);
    expect(shared).toEqual(identity.agreement.agree(other.agreement.publicKey));
  });

  it("is named by both of its keys", () => {
    const expected = nodeIdFromKeys(identity.signing.publicKey, identity.agreement.publicKey);
    expect(identity.nodeId).toBe(expected);
    expect(identity.nodeId).not.toBe(other.nodeId);
  });

  const fields = JSON.parse(identity.revealText()) as Record<string, string>;
  const seed = fields.signingSeed as string;
  it.each([
    ["nothing", "", /not JSON/],
    ["text cut off", identity.revealText().slice(0, -20), /not JSON/],
    ["a list", "[]", /no JSON object/],
    ["something else", "{}", /no identity/],
    ["another format", JSON.stringify({ ...fields, format: "x" }), /no identity/],
    ["a newer version", JSON.stringify({ ...fields, format: "clawmatrix-identity-2" }), /newer version/],
    ["a short key", JSON.stringify({ ...fields, signingSeed: seed.slice(4) }), /signingSeed/],
    ["a key in other letters", JSON.stringify({ ...fields, agreementSecret: `${seed} ` }), /agreementSecret/],
    ["a missing key", JSON.stringify({ ...fields, agreementSecret: undefined }), /agreementSecret/],
    ["a key that is a number", JSON.stringify({ ...fields, signingSeed: 1 }), /signingSeed/],
    ["another's node id", JSON.stringify({ ...fields, nodeId: other.nodeId }), /do not belong/],
    ["a field too many", JSON.stringify({ ...fields, more: "1" }), /fields/],
    ["a megabyte", " ".repeat(1 << 20), /too long/],
  ])("is not read from %s, and the error does not repeat the secret", (_, text, message) => {
    let thrown: unknown;
    try {
      Identity.parse(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(StatusError);
    expect((thrown as StatusError).code).toBe(StatusCode.INVALID_ARGUMENT);
    expect((thrown as StatusError).message).toMatch(message);
    expect(inspect(thrown, { depth: 10 })).not.toContain(seed.slice(0, 12));
    expect(inspect(thrown, { depth: 10 })).not.toContain((fields.agreementSecret as string).slice(0, 12));
  });
});

describe("secrets", () => {
  const secret = MeshSecret.fromBytes(new Uint8Array(32).fill(0x77));
  const handshake = new HandshakeState({
    pattern: NOISE_XX,
    role: "initiator",
    prologue: new Uint8Array(0),
    staticKeys: identity.agreement,
    random: systemRandom,
  });
  const things = {
    identity,
    signing: identity.signing,
    agreement: identity.agreement,
    secret,
    handshake,
    cipher: new CipherState(secret.reveal()),
  };
  const secrets = [identity.signing.revealSeed(), identity.agreement.revealSecret(), secret.reveal()];

  it.each(Object.entries(things))("of a thing like %s are in no print of it", (_, thing) => {
    const prints = [
      String(thing),
      JSON.stringify({ thing }),
      inspect(thing, { depth: 10, showHidden: true, maxArrayLength: null }),
      JSON.stringify(Object.entries(thing)),
    ].join("\n");
    for (const bytes of secrets) {
      const buffer = Buffer.from(bytes);
      const forms = [
        buffer.toString("hex"),
        buffer.toString("base64"),
        [...bytes].join(","),
        [...bytes].join(", "),
      ];
      // inspect breaks long lists into lines and pads their numbers: compare without white space.
      const squeezed = prints.replaceAll(/\s/g, "");
      for (const form of forms) expect(squeezed).not.toContain(form.replaceAll(/\s/g, ""));
    }
  });

  it("are copies where they are revealed", () => {
    secret.reveal().fill(0);
    identity.signing.revealSeed().fill(0);
    expect(secret.reveal()).toEqual(new Uint8Array(32).fill(0x77));
    expect(identity.signing.revealSeed()).not.toEqual(new Uint8Array(32));
  });
});

describe("a hello", () => {
  const handshakeHash = new Uint8Array(32).fill(4);
  const claim = {
    signingKey: identity.signing.publicKey,
    agreementKey: identity.agreement.publicKey,
    role: "responder" as const,
    handshakeHash,
    signature: signHello(identity, "responder", handshakeHash),
  };

  it("proves the node id", () => {
    expect(checkHello(claim)).toBe(identity.nodeId);
  });

  it.each([
    ["another signing key", { signingKey: other.signing.publicKey }],
    ["another static key", { agreementKey: other.agreement.publicKey }],
    ["the other role", { role: "initiator" as const }],
    ["another handshake", { handshakeHash: new Uint8Array(32).fill(5) }],
    ["another's signature", { signature: signHello(other, "responder", handshakeHash) }],
    ["no signature", { signature: new Uint8Array(0) }],
  ])("proves nothing with %s", (_, change) => {
    expect(() => checkHello({ ...claim, ...change })).toThrow(/does not hold the signing key/);
  });

  it("with a key of a wrong length is an error of its own", () => {
    expect(() => checkHello({ ...claim, signingKey: new Uint8Array(5) })).toThrow(/32 bytes, not 5/);
  });
});

describe("a signature", () => {
  it("holds in its context alone", () => {
    const [key, text] = [identity.signing.publicKey, Buffer.from("text")];
    const signature = signParts(identity.signing, "clawmatrix record 1", text);
    expect(verifyParts(key, "clawmatrix record 1", signature, text)).toBe(true);
    expect(verifyParts(key, "clawmatrix voucher 1", signature, text)).toBe(false);
    expect(verifyParts(key, "clawmatrix record 1", signature)).toBe(false);
  });
});

describe("a mesh secret", () => {
  const secret = MeshSecret.fromBytes(new Uint8Array(32).fill(1));

  it("gives each purpose a key of its own", () => {
    // Computed with Python's hmac after RFC 5869.
    expect(Buffer.from(secret.linkPsk()).toString("hex")).toBe(
      "01103edffa8557d185e872760593af96127a14a9023baa6a86684feafb4ff7eb",
    );
    expect(Buffer.from(secret.channelPsk()).toString("hex")).toBe(
      "704616cb3eb6afdf912e3a4d121462b6cebc258b04822da905bd563daa3b5cf6",
    );
  });

  it("names the mesh together with its founder", () => {
    expect(secret.meshId(identity.nodeId)).toHaveLength(16);
    expect(secret.meshId(identity.nodeId)).not.toEqual(secret.meshId(other.nodeId));
    const another = MeshSecret.generate(seededRandom(3));
    expect(another.meshId(identity.nodeId)).not.toEqual(secret.meshId(identity.nodeId));
  });

  it("has 32 bytes", () => {
    expect(() => MeshSecret.fromBytes(new Uint8Array(16))).toThrow(/32 bytes, not 16/);
  });
});

describe("a small box", () => {
  const key = new Uint8Array(32).fill(6);
  const plaintext = Uint8Array.from(Buffer.from("invitation"));

  it("opens under its key", () => {
    const sealed = sealSmall(key, plaintext, systemRandom);
    expect(sealed).toHaveLength(plaintext.length + SMALL_BOX_OVERHEAD_BYTES);
    expect(openSmall(key, sealed)).toEqual(plaintext);
  });

  it("does not open under another, nor with a byte changed, cut off or too long", () => {
    const sealed = sealSmall(key, plaintext, systemRandom);
    expect(openSmall(new Uint8Array(32), sealed)).toBeUndefined();
    for (let i = 0; i < sealed.length; i++) {
      const changed = Uint8Array.from(sealed);
      changed[i] = (changed[i] as number) ^ 1;
      expect(openSmall(key, changed)).toBeUndefined();
      expect(openSmall(key, sealed.subarray(0, i))).toBeUndefined();
    }
    expect(openSmall(key, new Uint8Array(1 << 20))).toBeUndefined();
  });

  it("is refused for large things", () => {
    expect(() => sealSmall(key, new Uint8Array(70_000), systemRandom)).toThrow(StatusError);
  });
});

import { type Identity, nodeIdToBytes, SigningKeys, signParts } from "@clawmatrix/identity";
import { SignedEntry } from "@clawmatrix/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { publicKeysOf } from "./decisions.ts";
import { signEntry } from "./sign-entry.ts";
import { FoundedTestMesh, pictureOf, START } from "./testing/founded-mesh.ts";
import { makeVoucher, proveVoucherUse } from "./voucher.ts";

/** Few nodes, few vouchers and few moments, so that decisions collide in every way. */
const NODES = 6;
const VOUCHERS = 3;

const step = fc.record({
  kind: fc.constantFrom("admission", "voucher", "revocation", "appointment", "appointment", "forgery"),
  by: fc.constantFrom(0, 0, 0, 1, 1, 2, 3, 4, 5),
  about: fc.nat({ max: NODES - 1 }),
  voucher: fc.nat({ max: VOUCHERS - 1 }),
  time: fc.nat({ max: 3 }),
  yes: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const world = new FoundedTestMesh();
const nodes: readonly Identity[] = [
  world.founder,
  ...Array.from({ length: NODES - 1 }, () => world.newNode()),
];
const voucherKeys = Array.from({ length: VOUCHERS }, () => SigningKeys.generate(world.random));

/** The entry of a step: correctly signed, whether or not its signer may decide that. */
function entryOf({ kind, by, about, voucher: number, time, yes }: Step): Uint8Array {
  const signer = nodes[by]!;
  const node = nodes[about]!;
  const issuedAt = START + time;
  switch (kind) {
    case "voucher": {
      const keys = voucherKeys[number]!;
      // The inviter belongs to the voucher, so that one voucher is used by several nodes.
      const inviter = nodes[number]!;
      const voucher = makeVoucher(world.mesh, inviter, {
        key: keys.publicKey,
        expiresAt: START + 2,
        name: "",
      });
      // No more uses of one voucher than are kept of it: four nodes, two moments; a third one comes too late.
      const guest = nodes[about % 4]!;
      const usedAt = START + (time === 2 ? 1 : time);
      const value = {
        node: publicKeysOf(guest),
        voucher: { voucher: voucher.body, signature: voucher.signature },
        voucherProof: proveVoucherUse(voucher, keys, guest.nodeId),
      };
      return signEntry(world.mesh, guest, usedAt, { case: "admission", value });
    }
    case "revocation":
      return signEntry(world.mesh, signer, issuedAt, {
        case: "revocation",
        value: { node: nodeIdToBytes(node.nodeId) },
      });
    case "appointment":
      return signEntry(world.mesh, signer, issuedAt, {
        case: "appointment",
        value: { node: nodeIdToBytes(node.nodeId), operator: yes },
      });
    case "forgery": {
      const { entry } = SignedEntry.decode(entryOf({ kind: "admission", by, about, voucher: 0, time, yes }));
      const forger = nodes[about]!;
      return SignedEntry.encode({
        entry,
        signature: signParts(forger.signing, "clawmatrix membership 1", entry),
      });
    }
    default:
      return signEntry(world.mesh, signer, issuedAt, {
        case: "admission",
        value: { node: publicKeysOf(node), name: yes ? "a" : "b" },
      });
  }
}

/** Every node is admitted by the founder half of the time, so that chains of operators are long. */
const history = fc.record({
  admitted: fc.boolean(),
  steps: fc.array(step, { minLength: 1, maxLength: 30 }),
});

test("nodes that know the same entries agree, whatever the order and the batches they came in", () => {
  fc.assert(
    fc.property(history, fc.infiniteStream(fc.nat()), ({ admitted, steps }, choices) => {
      const first: Step[] = nodes.map((_, about) => {
        return { kind: "admission", by: 0, about, voucher: 0, time: 0, yes: true };
      });
      const entries = [...(admitted ? first : []), ...steps].map(entryOf);
      const inOrder = world.memory();
      inOrder.merge(entries);

      const pick = choices[Symbol.iterator]();
      const next = (below: number): number => (pick.next().value as number) % below;
      const shuffled = [...entries];
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = next(i + 1);
        [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
      }
      const inPieces = world.memory();
      while (shuffled.length > 0) inPieces.merge(shuffled.splice(0, 1 + next(5)));

      expect(pictureOf(inPieces)).toEqual(pictureOf(inOrder));
      const restarted = world.memory([...inPieces.entries()].map(({ bytes }) => bytes).reverse());
      expect(pictureOf(restarted)).toEqual(pictureOf(inOrder));
    }),
    { numRuns: 200 },
  );
});

test("whatever is decided, the founder stays, and no revoked node belongs", () => {
  fc.assert(
    fc.property(history, ({ steps }) => {
      const membership = world.memory();
      membership.merge(steps.map(entryOf));
      expect(membership.isOperator(world.founder.nodeId)).toBe(true);
      expect(membership.isRevoked(world.founder.nodeId)).toBe(false);
      for (const { nodeId } of nodes) {
        expect(membership.isRevoked(nodeId) && membership.isMember(nodeId)).toBe(false);
        expect(membership.isOperator(nodeId) && !membership.isMember(nodeId)).toBe(false);
      }
    }),
    { numRuns: 100 },
  );
});

test("bytes of any kind are dropped without an error", () => {
  const real = entryOf({ kind: "voucher", by: 0, about: 1, voucher: 0, time: 1, yes: true });
  const mutated = fc
    .tuple(fc.nat({ max: real.length - 1 }), fc.integer({ min: 1, max: 255 }))
    .map(([at, change]) => {
      const bytes = Uint8Array.from(real);
      bytes[at] = bytes[at]! ^ change;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 600 })), (bytes) => {
      const membership = world.memory();
      membership.merge([bytes]);
      expect(membership.members().map(({ id }) => id)).toEqual([world.founder.nodeId]);
    }),
    { numRuns: 300 },
  );
});

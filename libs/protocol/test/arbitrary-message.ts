import {
  create,
  type DescField,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
  ScalarType,
} from "@bufbuild/protobuf";
import fc from "fast-check";

/** Lists are short, so that deeply nested messages stay small. */
const MAX_LIST = 3;

/** Any value of a message, with every field set or left out. */
export function arbitraryMessage(desc: DescMessage): fc.Arbitrary<MessageShape<DescMessage>> {
  return arbitraryInit(desc).map((init) => create(desc, init as MessageInitShape<DescMessage>));
}

function arbitraryInit(desc: DescMessage): fc.Arbitrary<Record<string, unknown>> {
  const members: Record<string, fc.Arbitrary<unknown>> = {};
  for (const member of desc.members) {
    members[member.localName] =
      member.kind === "oneof" ? fc.oneof(...member.fields.map(arbitraryCase)) : arbitraryField(member);
  }
  return fc.record(members, { requiredKeys: [] });
}

function arbitraryCase(field: DescField): fc.Arbitrary<unknown> {
  return arbitraryValue(field).map((value) => ({ case: field.localName, value }));
}

function arbitraryField(field: DescField): fc.Arbitrary<unknown> {
  return field.fieldKind === "list"
    ? fc.array(arbitraryValue(field), { maxLength: MAX_LIST })
    : arbitraryValue(field);
}

function arbitraryValue(field: DescField): fc.Arbitrary<unknown> {
  if (field.message !== undefined) return arbitraryInit(field.message);
  if (field.enum !== undefined) {
    return fc.oneof(
      fc.constantFrom(...field.enum.values.map((value) => value.number)),
      fc.maxSafeNat().map((n) => n | 0),
    );
  }
  return arbitraryScalar(field.scalar);
}

function arbitraryScalar(scalar: ScalarType | undefined): fc.Arbitrary<unknown> {
  switch (scalar) {
    case ScalarType.STRING:
      return fc.oneof(
        fc.string({ maxLength: 40 }),
        fc.string({ unit: "binary", maxLength: 60 }),
        // Around the bounds where the width of a length changes, with characters of one to four bytes.
        fc
          .tuple(fc.constantFrom("a", "é", "漢", "😀", "\uFEFF", "\uFFFD"), fc.integer({ min: 20, max: 150 }))
          .map(([c, n]) => c.repeat(n)),
      );
    case ScalarType.BYTES:
      return fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 120, maxLength: 140 }));
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.UINT32:
      return fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 0xffffffff }));
    case ScalarType.INT32:
      return fc.oneof(fc.integer({ min: -2, max: 300 }), fc.integer());
    case ScalarType.UINT64:
      return fc.oneof(fc.bigInt(0n, 300n), fc.bigInt(0n, (1n << 64n) - 1n));
    case ScalarType.INT64:
      return fc.bigInt(-(1n << 63n), (1n << 63n) - 1n);
    case ScalarType.DOUBLE:
      return fc.double();
    default:
      throw new Error(`no arbitrary value for a scalar of type ${scalar}`);
  }
}

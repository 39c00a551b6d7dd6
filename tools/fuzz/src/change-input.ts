import type { Random } from "@clawmatrix/environment";

/** The longest input that is made, in bytes: longer ones find nothing that these do not. */
const MOST_BYTES = 16 * 1024;
/** Changes made to one input, at most. */
const MOST_CHANGES = 6;
/** One input in so many is not made from a seed, but of random bytes. */
const RANDOM_ONE_IN = 10;
const LONGEST_RANDOM = 300;

/** Numbers at which decoders have their edges, as bytes and as protobuf writes them. */
const EDGES: readonly (readonly number[])[] = [
  [0],
  [0x7f],
  [0x80],
  [0xff],
  [0x80, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0xff, 0xff, 0xff, 0xff],
  [0x7f, 0xff, 0xff, 0xff],
  [0, 0, 0, 0],
  [0xc3, 0x28],
  [0x0a, 0xff, 0x01],
];

/** The next input to try: random bytes, or a seed with some changes, now and then with a piece of another one. */
export function nextInput(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  const below = (limit: number): number => Math.floor(random.fraction() * limit);
  if (seeds.length === 0 || below(RANDOM_ONE_IN) === 0) return random.bytes(below(LONGEST_RANDOM));
  let input = Uint8Array.from(seeds[below(seeds.length)]!);
  for (let left = 1 + below(MOST_CHANGES); left > 0; left--) {
    input = changeOnce(input, seeds[below(seeds.length)]!, below, random);
  }
  return input.subarray(0, MOST_BYTES);
}

function changeOnce(
  input: Uint8Array,
  other: Uint8Array,
  below: (limit: number) => number,
  random: Random,
): Uint8Array<ArrayBuffer> {
  const at = below(input.length + 1);
  const length = below(Math.min(input.length - at, 64) + 1);
  const before = input.subarray(0, at);
  const piece = input.subarray(at, at + length);
  const after = input.subarray(at + length);
  switch (below(8)) {
    case 0: {
      const flipped = Uint8Array.from(input);
      if (at < flipped.length) flipped[at]! ^= 1 << below(8);
      return flipped;
    }
    case 1:
      return join(before, after);
    case 2:
      return join(before, random.bytes(length), after);
    case 3:
      return join(before, EDGES[below(EDGES.length)]!, input.subarray(at + 1));
    case 4:
      return join(before, EDGES[below(EDGES.length)]!, input.subarray(at));
    case 5:
      return join(before, ...Array.from({ length: 1 + below(40) }, () => piece), after);
    case 6:
      return join(before, other.subarray(below(other.length + 1)));
    default:
      return join(before);
  }
}

function join(...parts: readonly (readonly number[] | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

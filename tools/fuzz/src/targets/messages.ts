import type { Random } from "@clawmatrix/environment";
import * as protocol from "@clawmatrix/protocol";
import type { FuzzTarget } from "../target.ts";

const FIELDS = 12;
const SEEDS = 400;

/** Every generated decoder. The first two bytes of an input say which one; what it takes, its encoder must write again. */
export function messages(random: Random): FuzzTarget {
  const types = (Object.values(protocol) as unknown[]).filter(isMessageType);
  return {
    seeds: Array.from({ length: SEEDS }, (_, at) => {
      const which = at % types.length;
      return Buffer.concat([Uint8Array.of(which >> 8, which), wireMessage(random, 0)]);
    }),
    run(input) {
      const which = ((input[0] ?? 0) << 8) | (input[1] ?? 0);
      const type = types[which % types.length]!;
      const written = type.encode(type.decode(input.subarray(2)) as never);
      const again = type.encode(type.decode(written) as never);
      if (Buffer.compare(written, again) !== 0)
        throw new Error(`${type.typeName} changes when written again`);
    },
  };
}

function isMessageType(value: unknown): value is protocol.MessageType {
  return typeof value === "object" && value !== null && "typeName" in value && "decode" in value;
}

/** Bytes that are some protobuf message: small field numbers, every wire type, messages in messages. */
function wireMessage(random: Random, depth: number): Uint8Array {
  const below = (limit: number): number => Math.floor(random.fraction() * limit);
  const parts: Uint8Array[] = [];
  for (let left = below(FIELDS); left > 0; left--) {
    const wireType = [0, 1, 2, 2, 2, 5][below(6)]!;
    parts.push(Uint8Array.of(((1 + below(15)) << 3) | wireType));
    if (wireType === 0) parts.push(Uint8Array.of(below(128)));
    else if (wireType === 1) parts.push(random.bytes(8));
    else if (wireType === 5) parts.push(random.bytes(4));
    else {
      const inner = depth < 3 && below(2) === 0 ? wireMessage(random, depth + 1) : random.bytes(below(20));
      const value = inner.subarray(0, 127);
      parts.push(Uint8Array.of(value.length), value);
    }
  }
  return Buffer.concat(parts);
}

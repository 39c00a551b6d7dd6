import type { Random } from "@clawmatrix/environment";
import { nodeIdToBytes } from "@clawmatrix/identity";
import { Heartbeat, PacketKind, Undeliverable } from "@clawmatrix/protocol";
import type { FuzzTarget } from "../target.ts";
import { AttackedNode, type HostileLink } from "./attacked-node.ts";

/** The batches of a link, sealed as they should be. The first two bytes say how much of the input is outside the seal. */
export async function linkBatches(random: Random): Promise<FuzzTarget> {
  const attacked = await AttackedNode.start(random);
  const { honest, attacker, founder } = attacked.mesh;
  const entry = (kind: number, to: Uint8Array, payload: Uint8Array, inside: boolean): Uint8Array => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(payload.length);
    const header = [Uint8Array.of(1, 16, kind, 0), to, nodeIdToBytes(attacker.nodeId), length];
    return Buffer.concat(inside ? [...header, payload] : header);
  };
  const heartbeat = Buffer.concat([typeBytes(Heartbeat.number), Heartbeat.encode({ number: 1 })]);
  const [here, away] = [nodeIdToBytes(honest.nodeId), nodeIdToBytes(founder.nodeId)];
  const packet = random.bytes(60);
  const lost = Undeliverable.encode({ destination: away, reason: 1 });
  const notice = Buffer.concat([typeBytes(Undeliverable.number), lost]);
  const seed = (outside: Uint8Array, ...entries: Uint8Array[]): Uint8Array =>
    Buffer.concat([typeBytes(outside.length), ...entries, outside]);
  let link: HostileLink | undefined;
  return {
    seeds: [
      seed(new Uint8Array(0), entry(PacketKind.NEIGHBOUR, here, heartbeat, true)),
      seed(packet, entry(PacketKind.CHANNEL, here, packet, false)),
      seed(packet, entry(PacketKind.CHANNEL, away, packet, false)),
      seed(
        packet,
        entry(PacketKind.NEIGHBOUR, here, heartbeat, true),
        entry(PacketKind.CHANNEL, here, packet, false),
      ),
      seed(new Uint8Array(0), entry(PacketKind.NOTICE, here, notice, true)),
      seed(
        new Uint8Array(0),
        entry(9, away, packet, true),
        entry(PacketKind.NEIGHBOUR, here, heartbeat, true),
      ),
    ],
    run(input) {
      if (link === undefined || link.connection.closedWith !== undefined) link = attacked.shakeHands();
      const rest = input.subarray(2);
      const outside = (((input[0] ?? 0) << 8) | (input[1] ?? 0)) % (rest.length + 1);
      link.sendBatch(rest.subarray(0, rest.length - outside), rest.subarray(rest.length - outside));
      if (attacked.node.neighbours().length > 1) throw new Error("links were left");
    },
    close: () => attacked.close(),
  };
}

function typeBytes(number: number): Uint8Array {
  return Uint8Array.of(number >> 8, number);
}

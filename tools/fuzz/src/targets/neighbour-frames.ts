import type { Random } from "@clawmatrix/environment";
import { nodeIdToBytes, signParts } from "@clawmatrix/identity";
import {
  GossipDigest,
  GossipSummary,
  Heartbeat,
  HeartbeatAnswer,
  MembershipPush,
  NodeRecord,
  PacketKind,
  RecordPush,
  SignedEntry,
} from "@clawmatrix/protocol";
import type { FuzzTarget } from "../target.ts";
import { AttackedNode, type HostileLink } from "./attacked-node.ts";

/** By the first byte of an input: frames of links and gossip, … */
const FRAMES = [Heartbeat, HeartbeatAnswer, MembershipPush, RecordPush, GossipSummary, GossipDigest];
/** … or a record, which the attacker signs. */
const RECORD = FRAMES.length;

/** What neighbours tell each other: heartbeats, records and membership, in batches that are as they should be. */
export async function neighbourFrames(random: Random): Promise<FuzzTarget> {
  const attacked = await AttackedNode.start(random);
  const { attacker, founder, honest, membership } = attacked.mesh;
  const [here, from] = [nodeIdToBytes(honest.nodeId), nodeIdToBytes(attacker.nodeId)];
  const record = NodeRecord.encode({
    signingKey: attacker.signing.publicKey,
    agreementKey: attacker.agreement.publicKey,
    version: 5n,
    bootId: new Uint8Array(16),
    name: "attacker",
    softwareVersion: "0",
    labels: ["x"],
    addresses: ["ws://127.0.0.1:1"],
    relays: true,
    links: [{ peer: here, costUs: 1_000 }],
    agents: [{ id: "a", description: "d" }],
  });
  const entries = [...membership.entries()].map(({ bytes }) => SignedEntry.decode(bytes));
  const signed = { record, signature: signatureOf(record) };
  const messages = [
    Heartbeat.encode({ number: 7 }),
    HeartbeatAnswer.encode({ number: 1 }),
    MembershipPush.encode({ entries }),
    RecordPush.encode({ records: [signed, signed] }),
    GossipSummary.encode({ records: random.bytes(16), entries: membership.summary() }),
    GossipDigest.encode({
      records: [{ node: here, version: 1n }],
      entries: [random.bytes(16)],
      answer: true,
    }),
    record,
  ];
  let link: HostileLink | undefined;
  function signatureOf(body: Uint8Array): Uint8Array {
    return signParts(attacker.signing, "clawmatrix record 1", body);
  }
  return {
    seeds: messages.map((message, at) => Buffer.concat([Uint8Array.of(at), message])),
    run(input) {
      if (link === undefined || link.connection.closedWith !== undefined) link = attacked.shakeHands();
      const which = (input[0] ?? 0) % (FRAMES.length + 1);
      const body = input.subarray(1);
      const message =
        which === RECORD
          ? RecordPush.encode({ records: [{ record: body, signature: signatureOf(body) }] })
          : body;
      const { number } = FRAMES[which] ?? RecordPush;
      const length = Buffer.alloc(4);
      length.writeUInt32BE(2 + message.length);
      const header = Buffer.concat([Uint8Array.of(1, 16, PacketKind.NEIGHBOUR, 0), here, from, length]);
      link.sendBatch(Buffer.concat([header, Uint8Array.of(number >> 8, number), message]), new Uint8Array(0));
      const known = attacked.node.nodes().map(({ id }) => id);
      if (known.includes(founder.nodeId)) throw new Error("it took a record for another node's");
      if (known.some((id) => !membership.isMember(id))) throw new Error("it took a stranger's record");
    },
    close: () => attacked.close(),
  };
}

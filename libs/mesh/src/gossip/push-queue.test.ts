import { seededRandom, VirtualClock } from "@clawmatrix/environment";
import { Identity, type NodeId } from "@clawmatrix/identity";
import { type RecordPushInit, SignedEntry } from "@clawmatrix/protocol";
import { describe, expect, it } from "vitest";
import type { Link } from "../link/link.ts";
import { ListedMembers } from "../test-nodes.ts";
import { PushQueue } from "./push-queue.ts";
import { RecordStore } from "./record-store.ts";
import { signRecord } from "./signed-record.ts";

/** A queue with the records of so many nodes in its store, and what it pushes, by the time when it does. */
function queueWith(nodes: number) {
  const random = seededRandom(3);
  const clock = new VirtualClock();
  const records = new RecordStore(random);
  const pushes: { at: number; count: number }[] = [];
  const sendFrame = (_type: unknown, { records: pushed = [] }: RecordPushInit) =>
    pushes.push({ at: clock.monotonic(), count: pushed.length });
  const link = { isOver: false, queuedBytes: 0, sendFrame } as unknown as Link;
  const members = new ListedMembers();
  const queue = new PushQueue({ link, clock, records, membership: members });
  const known: NodeId[] = [];
  for (let i = 0; i < nodes; i++) {
    const identity = Identity.generate(random);
    const { signing, agreement, nodeId } = identity;
    const keys = { signingKey: signing.publicKey, agreementKey: agreement.publicKey };
    records.set(signRecord(identity, { ...keys, version: 1n, name: `n${i}` }));
    known.push(nodeId);
  }
  return { clock, queue, known, members, pushes };
}

describe("a neighbour is told", () => {
  it("at once of what is new after a quiet time, and again of what follows it", () => {
    const { clock, queue, known, pushes } = queueWith(3);
    clock.advance(10_000);
    queue.addRecord(known[0]!);
    clock.advance(12);
    queue.addRecord(known[1]!);
    queue.addRecord(known[2]!);
    clock.advance(12);
    expect(pushes).toEqual([
      { at: 10_002, count: 1 },
      { at: 10_014, count: 2 },
    ]);
  });

  it("of the changes of many nodes a few times, not once for each", () => {
    const { clock, queue, known, pushes } = queueWith(100);
    for (let round = 0; round < 5; round++) {
      for (const node of known) {
        queue.addRecord(node);
        clock.advance(2);
      }
    }
    clock.advance(1_000);
    const moments = new Set(pushes.map(({ at }) => at));
    expect(moments.size).toBeLessThanOrEqual(8);
    // A node that changes again before its record has left is told of once.
    expect(pushes.reduce((sum, { count }) => sum + count, 0)).toBeLessThan(5 * known.length);
  });

  it("of membership at once, also while records have to wait", () => {
    const { clock, queue, known, members, pushes } = queueWith(100);
    for (const node of known) queue.addRecord(node);
    clock.advance(10);
    queue.addRecord(known[0]!);
    const [entry] = members.merge([
      SignedEntry.encode({ entry: Buffer.alloc(40), signature: Buffer.alloc(64) }),
    ]);
    queue.addEntry(entry!.id);
    clock.advance(10);
    expect(pushes.at(-1)).toEqual({ at: 12, count: 1 });
    expect(pushes.filter(({ at }) => at === 12)).toHaveLength(2);
  });

  it("nothing that it has shown to have", () => {
    const { clock, queue, known, pushes } = queueWith(2);
    for (const node of known) queue.addRecord(node);
    queue.hasRecord(known[0]!, 1n);
    queue.hasRecord(known[1]!, 0n);
    clock.advance(100);
    expect(pushes).toEqual([{ at: 2, count: 1 }]);
  });
});

import type { Random } from "@clawmatrix/environment";
import type { FuzzTarget } from "../target.ts";
import { AttackedNode } from "./attacked-node.ts";

/** Messages of a link's handshake. The first byte says which: the first one, or the last one of one that was right so far. */
export async function linkHandshakes(random: Random): Promise<FuzzTarget> {
  const attacked = await AttackedNode.start(random);
  let last: Uint8Array = new Uint8Array(0);
  attacked.shakeHands((message) => (last = message)).connection.close();
  const first = attacked.newHandshake("initiator").writeMessage(new Uint8Array(0));
  return {
    seeds: [Buffer.concat([Uint8Array.of(0), first]), Buffer.concat([Uint8Array.of(1), last])],
    run(input) {
      const message = input.subarray(1);
      if ((input[0] ?? 0) % 2 === 0) {
        const connection = attacked.connect();
        connection.send(message);
        // A key is a key: the node answers, and waits.
        if (connection.closedWith === undefined && connection.received.length === 0)
          throw new Error("it says nothing");
        connection.close();
      } else {
        const { connection } = attacked.shakeHands(() => message);
        if (connection.closedWith === undefined) throw new Error("it took what it should have refused");
      }
      if (attacked.node.pendingHandshakes > 0) throw new Error("a handshake was left");
    },
    close: () => attacked.close(),
  };
}

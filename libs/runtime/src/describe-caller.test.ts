import { type NodeId, nodeIdFromBytes } from "@clawmatrix/identity";
import type { MemberRow } from "@clawmatrix/mesh";
import { expect, it } from "vitest";
import { describeCaller } from "./describe-caller.ts";

const idOf = (name: string): NodeId => nodeIdFromBytes(Buffer.alloc(16, name));
const row = (id: NodeId, name: string, state: MemberRow["state"] = "admitted"): MemberRow => ({
  id,
  name,
  state,
  role: "member",
  since: 0,
  by: id,
  reason: "",
});
const describeBy = (members: MemberRow[], trustedLabels: Record<string, string[]> = {}) =>
  describeCaller(idOf("a"), { members, trustedLabels, ownLabels: () => ["claimed"] });

it("a name counts while no other node has it or had it", () => {
  const own = row(idOf("a"), "laptop");
  expect(describeBy([own, row(idOf("b"), "server")]).isOnly).toBe(true);
  expect(describeBy([own, row(idOf("b"), "laptop")]).isOnly).toBe(false);
  // The laptop was lost and revoked; who is let in next must not get its grants by calling itself laptop.
  expect(describeBy([own, row(idOf("b"), "laptop", "revoked")]).isOnly).toBe(false);
});

it("labels are trusted as this node's configuration gives them, by id or by a name that counts", () => {
  const labels = { home: ["laptop"], work: [idOf("a")], far: ["server", idOf("b")] };
  const own = row(idOf("a"), "laptop");
  expect(describeBy([own], labels)).toMatchObject({
    trustedLabels: ["home", "work"],
    ownLabels: ["claimed"],
  });
  expect(describeBy([own, row(idOf("b"), "laptop")], labels).trustedLabels).toEqual(["work"]);
});

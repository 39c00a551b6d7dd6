import { VirtualClock } from "@clawmatrix/environment";
import { type MeshStatus, NodeReach } from "@clawmatrix/protocol";
import { expect, it } from "vitest";
import { findAgentSoon } from "./find-agent-soon.ts";
import type { NodeConnection } from "./node-connection.ts";
import { idLike, other, statusOf } from "./test-status.ts";

const id = idLike("near");
const offer = { agents: [{ id: "coder" }] };
const here = statusOf([other("near", id, offer)]);
const clock = new VirtualClock({ startsAt: 1_000_000 });
const away = (changedAtUnixMs: number): MeshStatus =>
  statusOf([
    other("near", id, { ...offer, reach: NodeReach.UNREACHABLE, changedAtUnixMs: BigInt(changedAtUnixMs) }),
  ]);

/** A node whose status is these, one after the other, and stays the last. */
function nodeWith(...statuses: MeshStatus[]): NodeConnection {
  const diagnostics = {
    async *watchStatus(_request: object, { signal }: { signal: AbortSignal }) {
      for (const status of statuses) yield { status };
      await new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason as Error)),
      );
    },
  };
  return { diagnostics: () => diagnostics } as unknown as NodeConnection;
}

it("is found at once where nothing has to be waited for", async () => {
  const { found } = await findAgentSoon(nodeWith(here), "coder@near", { clock });
  expect(found.node.name).toBe("near");
});

it("is waited for where its node has just lost its link", async () => {
  let waited = 0;
  const { found, status } = await findAgentSoon(nodeWith(away(999_000), here), "coder@near", {
    clock,
    onWaiting: () => waited++,
  });
  expect([found.node.name, status, waited]).toEqual(["near", here, 1]);
});

it("is waited for where the local node has just started and knows nobody yet", async () => {
  const { found } = await findAgentSoon(nodeWith(statusOf([], { uptimeMs: 100n }), here), "coder", { clock });
  expect(found.node.name).toBe("near");
});

it("is not waited for where the node has been away for long", async () => {
  const finding = findAgentSoon(nodeWith(away(100_000)), "coder@near", { clock });
  await expect(finding).rejects.toMatchObject({ reason: "unreachable" });
});

it("is given up after a moment, with what the reason was", async () => {
  const finding = findAgentSoon(nodeWith(away(999_000)), "coder@near", {
    clock,
    onWaiting: () => queueMicrotask(() => clock.advance(2_000)),
  });
  await expect(finding).rejects.toMatchObject({ reason: "unreachable" });
});

import type { Clock } from "@clawmatrix/environment";
import { type MeshStatus, StatusError } from "@clawmatrix/protocol";
import { type FoundAgent, findAgent } from "./find-agent.ts";
import { isReachable, nodesOf } from "./find-node.ts";
import type { NodeConnection } from "./node-connection.ts";

export interface FindAgentSoonOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Told once, where it has to be waited for. */
  readonly onWaiting?: () => void;
}

/** How long an agent may take to appear, in milliseconds: a node has its links, and what they bring, well within that. */
const SETTLING_MS = 2_000;
/** A local node that has been up for longer knows its mesh, in milliseconds. */
const STARTED_MS = 3_000;
/** A node that changed longer ago, and cannot be reached, is really away, in milliseconds. */
const CHANGED_MS = 10_000;

/**
 * The agent that `text` means, as `findAgent` has it. Where the local node, or the one that is meant, has just started or
 * just lost its link, waits a moment for the mesh to settle.
 * @throws StatusError as `findAgent`.
 */
export async function findAgentSoon(
  connection: NodeConnection,
  text: string,
  { clock, signal, onWaiting }: FindAgentSoonOptions,
): Promise<{ readonly status: MeshStatus; readonly found: FoundAgent }> {
  const abort = new AbortController();
  const given = signal === undefined ? abort.signal : AbortSignal.any([abort.signal, signal]);
  let timer: { cancel(): void } | undefined;
  let failure: unknown;
  try {
    for await (const { status } of connection.diagnostics().watchStatus({}, { signal: given })) {
      if (status === undefined) continue;
      try {
        return { status, found: findAgent(status, text) };
      } catch (thrown) {
        failure = thrown;
        if (timer === undefined && !maySettle(status, thrown, clock.now())) throw thrown;
      }
      if (timer !== undefined) continue;
      onWaiting?.();
      timer = clock.schedule(SETTLING_MS, () => abort.abort(), { keepAlive: true });
    }
  } catch (thrown) {
    if (!abort.signal.aborted) throw thrown;
  } finally {
    timer?.cancel();
  }
  throw failure ?? new Error("the node ended its status without a word");
}

function maySettle(status: MeshStatus, thrown: unknown, nowMs: number): boolean {
  const reason = thrown instanceof StatusError ? thrown.reason : "";
  if (reason === "unknown-node" || reason === "unknown-agent") return status.uptimeMs < STARTED_MS;
  if (reason !== "unreachable") return false;
  return nodesOf(status).some(
    (node) => !isReachable(node) && Math.abs(nowMs - Number(node.status?.changedAtUnixMs ?? 0)) < CHANGED_MS,
  );
}

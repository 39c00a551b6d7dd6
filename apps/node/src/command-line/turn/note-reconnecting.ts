import { isReachable, type NodeConnection, nodesOf } from "@clawmatrix/client";
import type { NodeId } from "@clawmatrix/identity";
import type { CommandContext } from "../context.ts";

/**
 * Tells the person at the terminal when there is no way to `node`, and when there is one again: calls to it wait in
 * between, they do not fail. Returns how to end that.
 */
export function noteReconnecting(
  { output }: CommandContext,
  connection: NodeConnection,
  node: NodeId,
): () => void {
  const over = new AbortController();
  let reachable = true;
  const watch = async (): Promise<void> => {
    for await (const { status } of connection.diagnostics().watchStatus({}, { signal: over.signal })) {
      const found = status && nodesOf(status).find(({ id }) => id === node);
      if (found === undefined || isReachable(found) === reachable) continue;
      reachable = !reachable;
      output.note(
        reachable
          ? `${found.name} can be reached again`
          : `${found.name} cannot be reached at the moment; reconnecting … (ctrl-c gives up)`,
      );
    }
  };
  watch().catch(() => {
    // The local node is gone: the call that waits tells that itself.
  });
  return () => over.abort();
}

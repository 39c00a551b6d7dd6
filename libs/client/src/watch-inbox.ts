import type { NodeId } from "@clawmatrix/identity";
import type { MeshStatus } from "@clawmatrix/protocol";
import { isReachable, nodesOf } from "./find-node.ts";
import { type InboxItem, type ListInboxOptions, listInbox } from "./mesh-inbox.ts";
import type { NodeConnection } from "./node-connection.ts";

export interface WatchInboxOptions extends Omit<ListInboxOptions, "status" | "signal"> {
  readonly signal: AbortSignal;
}

/** What waits for a person in the mesh: now, and whole again whenever it has changed. Ends with the signal. */
export async function* watchInbox(
  connection: NodeConnection,
  options: WatchInboxOptions,
): AsyncGenerator<readonly InboxItem[]> {
  const { signal, onMissing } = options;
  const watch = new MeshChanges(connection, signal);
  let told: string | undefined;
  try {
    for (;;) {
      const status = await watch.next();
      if (status === undefined) return;
      const items = await listInbox(connection, { status, signal, ...(onMissing && { onMissing }) });
      const ids = items.map(({ id }) => id).join(" ");
      if (ids !== told) yield items;
      told = ids;
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  } finally {
    watch.stop();
  }
}

/** Tells that what waits somewhere may have changed. */
class MeshChanges {
  readonly #connection: NodeConnection;
  readonly #abort = new AbortController();
  readonly #signal: AbortSignal;
  readonly #watched = new Set<NodeId>();
  #status: MeshStatus | undefined;
  #changed = Promise.withResolvers<void>();
  #failure: unknown;
  #over = false;

  constructor(connection: NodeConnection, signal: AbortSignal) {
    this.#connection = connection;
    this.#signal = AbortSignal.any([signal, this.#abort.signal]);
    void this.#watchStatus();
  }

  /** The mesh's status after the next change; undefined when it is over. */
  async next(): Promise<MeshStatus | undefined> {
    await this.#changed.promise;
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#over) return undefined;
    this.#changed = Promise.withResolvers();
    return this.#status ?? (await this.next());
  }

  stop(): void {
    this.#abort.abort();
  }

  async #watchStatus(): Promise<void> {
    try {
      const statuses = this.#connection.diagnostics().watchStatus({}, { signal: this.#signal });
      for await (const { status } of statuses) {
        this.#status = status;
        if (status === undefined) continue;
        for (const node of nodesOf(status).filter(isReachable)) {
          if (!this.#watched.has(node.id)) void this.#watchNode(node.id, node.status !== undefined);
        }
        this.#changed.resolve();
      }
    } catch (thrown) {
      if (!this.#signal.aborted) this.#failure = thrown;
    }
    this.#over = true;
    this.#changed.resolve();
  }

  async #watchNode(id: NodeId, remote: boolean): Promise<void> {
    this.#watched.add(id);
    try {
      const client = this.#connection.agents(remote ? id : undefined);
      for await (const _ of client.watchWaiting({}, { signal: this.#signal })) this.#changed.resolve();
    } catch {
      // It has gone; the next status in which it is reachable again watches it anew.
    } finally {
      this.#watched.delete(id);
    }
  }
}

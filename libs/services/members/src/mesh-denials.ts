import { ExpiringMap } from "@clawmatrix/bounded";
import type { Clock, Logger } from "@clawmatrix/environment";
import { type NodeId, nodeIdToBytes } from "@clawmatrix/identity";
import { type MemberServiceClient, StatusCode, StatusError } from "@clawmatrix/protocol";
import { DENIAL_MS, MAX_DENIALS } from "./admission-desk.ts";

/** The other nodes, as far as admissions go. */
export interface OtherNodes {
  /** Who waits where, as the nodes that can be reached say in their records. This node is not among them. */
  waiting(): readonly { readonly node: NodeId; readonly waiting: readonly NodeId[] }[];
  /** Calls one of them. */
  clientOf(node: NodeId): Pick<MemberServiceClient, "deny">;
}

export interface MeshDenialsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly others: OtherNodes;
}

/** A node that was told is told again after this, in milliseconds, where its record still shows the request. */
const TELL_AGAIN_MS = 30_000;
/** How long a node has to answer, in milliseconds. */
const TELL_TIMEOUT_MS = 10_000;
/** Who was told what: as many denials as there are, at two or three nodes each. */
const MAX_TOLD = 1_024;

/**
 * What an operator has refused on this node, for the whole mesh: told to every node at which the refused one waits, and, for
 * an hour, to every further node that it asks.
 */
export class MeshDenials {
  readonly #options: MeshDenialsOptions;
  readonly #denied: ExpiringMap<true>;
  readonly #told: ExpiringMap<true>;

  constructor(options: MeshDenialsOptions) {
    const { clock } = options;
    this.#options = options;
    this.#denied = new ExpiringMap({ clock, entries: MAX_DENIALS, milliseconds: DENIAL_MS });
    this.#told = new ExpiringMap({ clock, entries: MAX_TOLD, milliseconds: TELL_AGAIN_MS });
  }

  /** Resolves when each node at which it waits has been told, or cannot be. False: it waits nowhere else. */
  async deny(refused: NodeId): Promise<boolean> {
    this.#denied.set(refused, true);
    const nodes = this.#nodesAsked(refused);
    await Promise.all(nodes.map((node) => this.#tell(node, refused)));
    return nodes.length > 0;
  }

  /** An operator has changed its mind. */
  forget(node: NodeId): void {
    this.#denied.delete(node);
  }

  /** What other nodes say has changed: a refused node may have asked another one. */
  enforce(): void {
    if (this.#denied.size === 0) return;
    for (const { node, waiting } of this.#options.others.waiting()) {
      for (const wishing of waiting) if (this.#denied.has(wishing)) void this.#tell(node, wishing);
    }
  }

  #nodesAsked(refused: NodeId): NodeId[] {
    const all = this.#options.others.waiting();
    return all.flatMap(({ node, waiting }) => (waiting.includes(refused) ? [node] : []));
  }

  async #tell(node: NodeId, refused: NodeId): Promise<void> {
    const key = `${node} ${refused}`;
    if (this.#told.has(key)) return;
    this.#told.set(key, true);
    try {
      const request = { id: nodeIdToBytes(refused) };
      await this.#options.others.clientOf(node).deny(request, { timeoutMs: TELL_TIMEOUT_MS });
    } catch (thrown) {
      const error = StatusError.from(thrown);
      // It has given up waiting there.
      if (error.code === StatusCode.NOT_FOUND) return;
      this.#options.logger.warn("a node could not be told of a refused admission, and will be told again", {
        node,
        refused,
        error: error.message,
      });
    }
  }
}

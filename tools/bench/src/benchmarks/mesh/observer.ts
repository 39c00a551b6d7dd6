import { setTimeout as sleep } from "node:timers/promises";
import type { NodeProcess } from "@clawmatrix/faults";
import type { MeshStatus, NodeStatus } from "@clawmatrix/protocol";

/** How often a node is asked once it has begun to notice something, in ms. */
const ASK_MS = 20;

type Look = (status: MeshStatus) => void;

/**
 * Sees what a node sees. The node tells of a change at once after a quiet time, but only so often: from the first one
 * on that was not the one waited for, it is asked as well.
 */
export class Observer {
  readonly #node: NodeProcess;
  readonly #looks = new Set<Look>();
  #latest: MeshStatus | undefined;

  constructor(node: NodeProcess) {
    this.#node = node;
  }

  /** Resolves when the node has told for the first time. Its telling ends with its process. */
  async start(): Promise<void> {
    const diagnostics = (await this.#node.connect()).diagnostics();
    const first = Promise.withResolvers<void>();
    const watch = async (): Promise<void> => {
      for await (const { status } of diagnostics.watchStatus({})) {
        first.resolve();
        if (status !== undefined) this.#told(status);
      }
    };
    watch().catch((ended: unknown) => first.reject(ended));
    await first.promise;
  }

  /** When the node sees another one so, in ms of `performance.now`. */
  async sees(name: string, wanted: (node: NodeStatus) => boolean, withinMs: number): Promise<number> {
    const isSo = (status: MeshStatus | undefined): boolean => {
      const node = status?.nodes.find((each) => each.name === name);
      return node !== undefined && wanted(node);
    };
    if (isSo(this.#latest)) return performance.now();
    const deadline = AbortSignal.timeout(withinMs);
    const told = await this.#nextTold(deadline);
    if (isSo(told)) return performance.now();
    const diagnostics = (await this.#node.connect()).diagnostics();
    for (;;) {
      const { status } = await diagnostics.getStatus({}, { signal: deadline });
      if (isSo(status)) return performance.now();
      await sleep(ASK_MS, undefined, { signal: deadline });
    }
  }

  #told(status: MeshStatus): void {
    this.#latest = status;
    const looks = [...this.#looks];
    this.#looks.clear();
    for (const look of looks) look(status);
  }

  #nextTold(deadline: AbortSignal): Promise<MeshStatus> {
    return new Promise((resolve, reject) => {
      this.#looks.add(resolve);
      deadline.addEventListener("abort", () => reject(deadline.reason), { once: true });
    });
  }
}

import type { Clock, Timer } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import { type SessionInfo, StatusError } from "@clawmatrix/protocol";
import type { NodeLink } from "./node-link.ts";

/** How often each node's sessions are asked for, in milliseconds. */
const POLL_MS = 3_000;
/** How long a node may take to answer. */
const ANSWER_MS = 10_000;
/** The newest sessions of each node; older ones are found by `clawmatrix session list`. */
const SESSIONS_PER_NODE = 500;

export interface SessionPollOptions {
  readonly connected: () => Promise<NodeLink>;
  readonly clock: Clock;
  readonly onSessions: (node: NodeId, sessions: readonly SessionInfo[]) => void;
  readonly onError: (node: NodeId, error: StatusError) => void;
}

/** Keeps the sessions of all reachable nodes current: asks each again and again, one request to a node at a time. */
export class SessionPoll {
  readonly #options: SessionPollOptions;
  readonly #stop = new AbortController();
  readonly #asking = new Set<NodeId>();
  #nodes: ReadonlySet<NodeId> = new Set();
  #timer: Timer | undefined;

  constructor(options: SessionPollOptions) {
    this.#options = options;
  }

  /** Asks these nodes from now on; new ones at once. */
  follow(nodes: readonly NodeId[]): void {
    const before = this.#nodes;
    this.#nodes = new Set(nodes);
    for (const node of nodes) if (!before.has(node)) void this.#ask(node);
    this.#timer ??= this.#options.clock.schedule(POLL_MS, () => this.#pollAll(), { keepAlive: true });
  }

  /** Asks a node now, since something changed there. */
  refresh(node: NodeId): void {
    void this.#ask(node);
  }

  stop(): void {
    this.#stop.abort();
    this.#timer?.cancel();
  }

  #pollAll(): void {
    if (this.#stop.signal.aborted) return;
    for (const node of this.#nodes) void this.#ask(node);
    this.#timer = this.#options.clock.schedule(POLL_MS, () => this.#pollAll(), { keepAlive: true });
  }

  async #ask(node: NodeId): Promise<void> {
    if (this.#asking.has(node)) return;
    this.#asking.add(node);
    const { connected, onSessions, onError } = this.#options;
    const { signal } = this.#stop;
    try {
      const link = await connected();
      const options = { timeoutMs: ANSWER_MS, signal };
      const { sessions } = await link.agents(node).listSessions({ limit: SESSIONS_PER_NODE }, options);
      if (!signal.aborted && this.#nodes.has(node)) onSessions(node, sessions);
    } catch (error) {
      if (!signal.aborted && this.#nodes.has(node)) onError(node, StatusError.from(error));
    } finally {
      this.#asking.delete(node);
    }
  }
}

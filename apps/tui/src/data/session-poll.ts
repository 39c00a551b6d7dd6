import type { Clock, Timer } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import { type SessionInfo, SessionState, StatusError } from "@clawmatrix/protocol";
import type { NodeLink } from "./node-link.ts";

/** How often each node is asked for its live sessions, in milliseconds: they are few, and change. */
const POLL_MS = 3_000;
/** How often for all, closed and stored ones too: there may be thousands, and they hardly change. */
const WHOLE_MS = 60_000;
/** How long a node may take to answer. */
const ANSWER_MS = 10_000;
/** The newest sessions of each node; older ones are found by `clawmatrix session list`. */
const SESSIONS_PER_NODE = 500;

export interface SessionPollOptions {
  readonly connected: () => Promise<NodeLink>;
  readonly clock: Clock;
  /** `whole`: these are all; otherwise only those that are live. */
  readonly onSessions: (node: NodeId, sessions: readonly SessionInfo[], whole: boolean) => void;
  readonly onError: (node: NodeId, error: StatusError) => void;
}

/** What is known of one node's list. */
interface NodeList {
  /** When the whole list was had, on the monotonic clock. */
  wholeAt: number;
  live: ReadonlySet<string>;
  asking: boolean;
  /** Something changed while it was being asked. */
  changed: boolean;
}

/** Keeps the sessions of all reachable nodes current: asks each again and again, one request to a node at a time. */
export class SessionPoll {
  readonly #options: SessionPollOptions;
  readonly #stop = new AbortController();
  readonly #lists = new Map<NodeId, NodeList>();
  #timer: Timer | undefined;

  constructor(options: SessionPollOptions) {
    this.#options = options;
  }

  /** Asks these nodes from now on; new ones at once. */
  follow(nodes: readonly NodeId[]): void {
    const now = new Set(nodes);
    for (const node of [...this.#lists.keys()]) if (!now.has(node)) this.#lists.delete(node);
    for (const node of now) {
      if (this.#lists.has(node)) continue;
      this.#lists.set(node, {
        wholeAt: Number.NEGATIVE_INFINITY,
        live: new Set(),
        asking: false,
        changed: false,
      });
      void this.#ask(node);
    }
    this.#schedule();
  }

  /** Asks a node now, since something changed there. */
  refresh(node: NodeId): void {
    const list = this.#lists.get(node);
    if (list !== undefined) list.changed = true;
    void this.#ask(node);
  }

  stop(): void {
    this.#stop.abort();
    this.#timer?.cancel();
  }

  #schedule(): void {
    if (this.#stop.signal.aborted) return;
    this.#timer ??= this.#options.clock.schedule(POLL_MS, () => this.#pollAll(), { keepAlive: true });
  }

  #pollAll(): void {
    this.#timer = undefined;
    for (const node of this.#lists.keys()) void this.#ask(node);
    this.#schedule();
  }

  async #ask(node: NodeId): Promise<void> {
    const list = this.#lists.get(node);
    if (list === undefined || list.asking) return;
    const whole = list.changed || this.#options.clock.monotonic() - list.wholeAt >= WHOLE_MS;
    list.asking = true;
    list.changed = false;
    const { connected, clock, onSessions, onError } = this.#options;
    const { signal } = this.#stop;
    const isWanted = (): boolean => !signal.aborted && this.#lists.get(node) === list;
    try {
      const link = await connected();
      const request = { limit: SESSIONS_PER_NODE, liveOnly: !whole };
      const page = await link.agents(node).listSessions(request, { timeoutMs: ANSWER_MS, signal });
      if (!isWanted()) return;
      onSessions(node, page.sessions, whole);
      const live = new Set(page.sessions.filter((each) => !whole || isSurelyLive(each)).map(({ id }) => id));
      if (whole) list.wholeAt = clock.monotonic();
      // One that is live no longer is in the whole list only.
      list.changed ||= whole ? page.stale : [...list.live].some((id) => !live.has(id));
      list.live = live;
    } catch (error) {
      if (isWanted()) onError(node, StatusError.from(error));
    } finally {
      list.asking = false;
    }
  }
}

/** Whether its state says that a process serves it; one that is idle may have none. */
function isSurelyLive({ state }: SessionInfo): boolean {
  return state === SessionState.RUNNING || state === SessionState.PERMISSION;
}

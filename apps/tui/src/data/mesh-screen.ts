import type { Clock, Timer } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import { isReachable } from "../state/mesh-view.ts";
import { isTicking, type ScreenState, withStatus } from "../state/screen.ts";
import { withListError, withLiveSessionsOf, withSessionsOf } from "../state/session-list.ts";
import type { Store } from "../state/store.ts";
import { MeshLink } from "./mesh-link.ts";
import type { NodeLink } from "./node-link.ts";
import { problemOf } from "./problem-of.ts";
import { SessionActions } from "./session-actions.ts";
import { SessionPoll } from "./session-poll.ts";

/** How often running times are drawn, and ages while nothing runs, in milliseconds. */
const TICK_MS = 100;
const IDLE_TICK_MS = 1_000;

export interface MeshScreenOptions {
  readonly store: Store<ScreenState>;
  readonly connect: () => Promise<NodeLink>;
  readonly clock: Clock;
}

/** Brings what happens in the mesh into the state of the screen. */
export class MeshScreen {
  readonly actions: SessionActions;
  readonly #options: MeshScreenOptions;
  readonly #link: MeshLink;
  readonly #poll: SessionPoll;
  #tick: Timer | undefined;

  constructor(options: MeshScreenOptions) {
    const { store, connect, clock } = options;
    this.#options = options;
    const connected = () => this.#link.connected();
    this.#link = new MeshLink({
      connect,
      clock,
      onConnecting: () => store.update((state) => ({ ...state, connection: { phase: "connecting" } })),
      onLost: (error, retryMs) => {
        const nextAtMs = clock.now() + retryMs;
        store.update((state) => ({
          ...state,
          connection: { phase: "waiting", problem: problemOf(error), nextAtMs },
        }));
      },
      onStatus: (status) => {
        store.update((state) => withStatus(state, status, clock.now()));
        this.#poll.follow((store.state.mesh?.nodes ?? []).filter(isReachable).map(({ id }) => id));
      },
    });
    this.#poll = new SessionPoll({
      connected,
      clock,
      onSessions: (node, sessions, whole) => {
        const withThem = whole ? withSessionsOf : withLiveSessionsOf;
        store.update((state) => ({ ...state, sessions: withThem(state.sessions, node, sessions) }));
      },
      onError: (node, error) =>
        store.update((state) => ({ ...state, sessions: withListError(state.sessions, node, error.message) })),
    });
    const onChanged = (node: NodeId) => this.#poll.refresh(node);
    this.actions = new SessionActions({ store, connected, clock, onChanged });
  }

  start(): void {
    this.#link.start();
    this.#scheduleTick();
  }

  async stop(): Promise<void> {
    this.#tick?.cancel();
    this.#poll.stop();
    this.actions.shutDown();
    await this.#link.stop();
  }

  #scheduleTick(): void {
    const { store, clock } = this.#options;
    this.#tick = clock.schedule(
      isTicking(store.state) ? TICK_MS : IDLE_TICK_MS,
      () => {
        store.update((state) => ({ ...state, nowMs: clock.now() }));
        this.#scheduleTick();
      },
      { keepAlive: true },
    );
  }
}

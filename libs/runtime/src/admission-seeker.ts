import type { Clock, Logger, Random, Timer } from "@clawmatrix/environment";
import type { Identity, NodeId } from "@clawmatrix/identity";
import { type AdmissionAnswer, requestAdmission } from "@clawmatrix/members";
import { MemberService, StatusCode, StatusError } from "@clawmatrix/protocol";
import { createClient, overChannel } from "@clawmatrix/rpc";
import type { MeshStack } from "./mesh-stack.ts";

export interface AdmissionSeekerOptions {
  readonly stack: MeshStack;
  readonly identity: Identity;
  readonly name: string;
  /** What the invitation gave; undefined once it is of no use. */
  readonly admission: Uint8Array | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** How the search stands, for people. */
export type AdmissionState =
  | { readonly state: "admitted" }
  | ({ readonly state: "pending" | "denied" } & AdmissionAnswer)
  | { readonly state: "unreachable"; readonly message: string };

/** After a request that failed, the next neighbour is asked after so many milliseconds; one that refused, later. */
const RETRY_MS = 5_000;
const DENIED_RETRY_MS = 10 * 60_000;

/**
 * Asks the neighbours, one at a time, to be let into the mesh, for as long as this node does not belong to it. A request that
 * waits for an operator stays open and hears of the decision.
 */
export class AdmissionSeeker {
  readonly #options: AdmissionSeekerOptions;
  readonly #listeners = new Set<(state: AdmissionState) => void>();
  readonly #abort = new AbortController();
  #state: AdmissionState = { state: "unreachable", message: "no peer was reached yet" };
  #asking = false;
  #retry: Timer | undefined;
  #takeBack: (() => void)[] = [];

  constructor(options: AdmissionSeekerOptions) {
    this.#options = options;
    const { stack, identity } = options;
    if (stack.membership.isMember(identity.nodeId)) this.#state = { state: "admitted" };
  }

  get state(): AdmissionState {
    if (this.#state.state !== "unreachable") return this.#state;
    // Nobody tells of a dial that fails: what is known is looked up when it is wanted.
    const failed = this.#options.stack.node.dialers().find(({ reason }) => reason !== "");
    return failed === undefined || this.#options.stack.node.neighbours().length > 0
      ? this.#state
      : { state: "unreachable", message: `${failed.address}: ${failed.reason}` };
  }

  onChange(listener: (state: AdmissionState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    const { stack, identity } = this.#options;
    if (stack.membership.isMember(identity.nodeId)) return this.#become({ state: "admitted" });
    this.#takeBack = [
      stack.node.onNodesChange(() => this.#ask()),
      stack.node.onRouteChange(() => this.#ask()),
      stack.membership.onChange((node) => {
        if (node === identity.nodeId && stack.membership.isMember(node)) this.#become({ state: "admitted" });
      }),
    ];
    this.#ask();
  }

  stop(): void {
    this.#abort.abort();
    this.#retry?.cancel();
    for (const takeBack of this.#takeBack) takeBack();
    this.#takeBack = [];
  }

  #ask(): void {
    if (this.#asking || this.#retry !== undefined || this.#abort.signal.aborted) return;
    if (this.#state.state === "admitted") return;
    const [neighbour] = this.#options.stack.node.neighbours();
    if (neighbour === undefined) return;
    this.#asking = true;
    void this.#askOne(neighbour.id).then((retryMs) => {
      this.#asking = false;
      if (retryMs === undefined || this.#abort.signal.aborted) return;
      this.#retry = this.#options.clock.schedule(retryMs, () => {
        this.#retry = undefined;
        this.#ask();
      });
    });
  }

  /** Resolves with the milliseconds until the next try; undefined when there is none. */
  async #askOne(neighbour: NodeId): Promise<number | undefined> {
    const { stack, identity, name, admission, clock, random, logger } = this.#options;
    try {
      const outcome = await requestAdmission({
        client: createClient(MemberService, overChannel(stack.channels, neighbour), { clock, random }),
        identity,
        name,
        membership: stack.membership,
        signal: this.#abort.signal,
        onPending: (why) => this.#become({ state: "pending", ...why }),
        ...(admission === undefined ? {} : { admission }),
      });
      this.#become(outcome);
      return outcome.state === "admitted" ? undefined : DENIED_RETRY_MS;
    } catch (thrown) {
      const error = StatusError.from(thrown);
      if (error.code === StatusCode.CANCELLED && this.#abort.signal.aborted) return undefined;
      logger.info("a request for admission failed", {
        neighbour,
        reason: error.reason,
        message: error.message,
      });
      if (this.#state.state === "unreachable") this.#become({ state: "unreachable", message: error.message });
      return RETRY_MS;
    }
  }

  #become(state: AdmissionState): void {
    this.#state = state;
    this.#options.logger.info("membership", { state: state.state });
    for (const listener of [...this.#listeners]) listener(state);
  }
}

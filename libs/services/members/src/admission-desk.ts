import { ExpiringMap } from "@clawmatrix/bounded";
import type { Clock, Logger } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import { nodeIdFromKeys } from "@clawmatrix/identity";
import { checkAdmission, type Membership, requireLabel } from "@clawmatrix/mesh";
import {
  AdmissionState,
  type CallContext,
  type RequestAdmissionRequest,
  type RequestAdmissionResponseInit,
  SignedEntry,
  StatusCode,
  StatusError,
} from "@clawmatrix/protocol";
import { entryMessages } from "./member-messages.ts";
import { type PendingRequest, PendingRequests, type Settlement } from "./pending-requests.ts";

/** How long a denied node is answered with its denial at once, in milliseconds: one hour. */
export const DENIAL_MS = 3_600_000;
/** Denials remembered; at the bound the oldest is forgotten. */
export const MAX_DENIALS = 256;

const NO_ENTRY = "no-invitation";

export interface AdmissionDeskOptions {
  readonly membership: Membership;
  readonly clock: Clock;
  readonly logger: Logger;
  /** From where a node is connected; undefined where that is not known. */
  readonly addressOf: (node: NodeId) => string | undefined;
  /** How many more nodes wait at other nodes of the mesh. */
  readonly waitingElsewhere: () => number;
}

/**
 * Where strangers ask to be let in. Who brings a valid admission is in at once, everybody else waits until an operator, on any node,
 * has decided.
 */
export class AdmissionDesk {
  readonly pending: PendingRequests;
  readonly #options: AdmissionDeskOptions;
  readonly #denied: ExpiringMap<true>;
  readonly #listeners = new Set<() => void>();
  readonly #stopListening: () => void;

  constructor(options: AdmissionDeskOptions) {
    this.#options = options;
    this.pending = new PendingRequests(options.clock, {
      elsewhere: options.waitingElsewhere,
      onChange: () => {
        for (const listener of [...this.#listeners]) listener();
      },
    });
    this.#denied = new ExpiringMap({
      clock: options.clock,
      entries: MAX_DENIALS,
      milliseconds: DENIAL_MS,
    });
    this.#stopListening = options.membership.onChange((node) => this.#settle(node));
  }

  /** Calls back when the requests that wait have changed. Returns how to end that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Refuses a node for an hour; asking again changes nothing until then. False: nothing is known of it. */
  deny(node: NodeId): boolean {
    const known = this.pending.get(node) !== undefined || this.#denied.has(node);
    if (known) this.#denied.set(node, true);
    this.pending.settle(node, "denied");
    return known;
  }

  /** An operator has changed its mind. */
  forgetDenial(node: NodeId): void {
    this.#denied.delete(node);
  }

  /** Serves one request: the answers, in order. Ends when decided; the caller's leaving ends it as well. */
  async *serve(
    request: RequestAdmissionRequest,
    context: CallContext,
  ): AsyncGenerator<RequestAdmissionResponseInit> {
    const { membership, logger } = this.#options;
    const wish = this.#read(request, context);
    if (membership.isRevoked(wish.node)) {
      yield denied(
        "node-revoked",
        "this node was revoked, which is for good; it can come back under new keys",
      );
      return;
    }
    const refusal = membership.isMember(wish.node) ? undefined : this.#tryAdmission(wish.node, request);
    if (refusal === undefined) {
      yield* this.#admitted();
      return;
    }
    if (this.#denied.has(wish.node)) {
      yield denied("denied", "an operator denied this node's request less than an hour ago");
      return;
    }
    const reason = refusal.reason === NO_ENTRY ? "" : refusal.reason;
    logger.info("a node asks to be let in", { node: wish.node, address: wish.address, reason });
    let settle: (settlement: Settlement) => void = () => undefined;
    const settled = new Promise<Settlement | "left">((resolve) => {
      settle = resolve;
      context.signal.addEventListener("abort", () => resolve("left"), { once: true });
      if (context.signal.aborted) resolve("left");
    });
    this.pending.wait({ ...wish, reason }, settle);
    try {
      yield { state: AdmissionState.PENDING, reason, message: refusal.message };
      switch (await settled) {
        case "admitted":
          yield* this.#admitted();
          return;
        case "denied":
          yield denied("denied", "an operator denied the request");
          return;
        case "replaced":
          throw new StatusError(StatusCode.ABORTED, "the node has asked again, and waits there", {
            reason: "asked-again",
          });
        case "stopped":
          throw new StatusError(StatusCode.UNAVAILABLE, "the node that was asked is stopping", {
            reason: "stopping",
          });
        case "left":
          return;
      }
    } finally {
      this.pending.leave(wish.node, settle);
    }
  }

  /** Ends all that wait, with UNAVAILABLE. */
  stop(): void {
    this.#stopListening();
    this.pending.stop();
  }

  /** What is asked, by whom. Throws StatusError for a request that is not its caller's own. */
  #read({ keys, name }: RequestAdmissionRequest, { caller }: CallContext): PendingRequest {
    if (keys === undefined) {
      throw new StatusError(StatusCode.INVALID_ARGUMENT, "a request for admission names the node's keys", {
        reason: "keys-missing",
      });
    }
    const node = nodeIdFromKeys(keys.signingKey, keys.agreementKey);
    if (node !== caller.nodeId) {
      throw new StatusError(
        StatusCode.PERMISSION_DENIED,
        "a node can ask to be let in for itself only: these keys are not the caller's",
        { reason: "not-the-callers-keys" },
      );
    }
    const { addressOf, clock } = this.#options;
    return {
      node,
      keys: {
        signingKey: Uint8Array.from(keys.signingKey),
        agreementKey: Uint8Array.from(keys.agreementKey),
      },
      name: requireLabel("name", name),
      address: addressOf(node) ?? "",
      reason: "",
      since: clock.now(),
    };
  }

  /** Takes in the admission that the node brings. Undefined: it is a member now; otherwise why not. */
  #tryAdmission(
    node: NodeId,
    { admission }: RequestAdmissionRequest,
  ): { readonly reason: string; readonly message: string } | undefined {
    const { membership, clock, logger } = this.#options;
    if (admission === undefined) {
      return { reason: NO_ENTRY, message: "an operator has to approve" };
    }
    const bytes = SignedEntry.encode({ entry: admission.entry, signature: admission.signature });
    const check = checkAdmission(membership, node, bytes, clock.now());
    if (!check.valid)
      return { reason: check.reason, message: `${check.message}; an operator has to approve` };
    membership.merge([bytes]);
    if (!membership.isMember(node)) {
      return {
        reason: "invalid",
        message: "the mesh could not take the admission in; an operator has to approve",
      };
    }
    logger.info("a node came in by invitation", { node });
    return undefined;
  }

  *#admitted(): Generator<RequestAdmissionResponseInit> {
    for (const entries of entryMessages(this.#options.membership.entries())) {
      yield { state: AdmissionState.ADMITTED, entries };
    }
  }

  #settle(node: NodeId): void {
    const { membership } = this.#options;
    if (membership.isMember(node)) this.pending.settle(node, "admitted");
    else if (membership.isRevoked(node)) this.pending.settle(node, "denied");
  }
}

function denied(reason: string, message: string): RequestAdmissionResponseInit {
  return { state: AdmissionState.DENIED, reason, message };
}

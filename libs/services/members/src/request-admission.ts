import type { Identity } from "@clawmatrix/identity";
import { MAX_ENTRIES_BYTES, type Membership, publicKeysOf } from "@clawmatrix/mesh";
import {
  AdmissionState,
  type MemberServiceClient,
  type RequestAdmissionResponse,
  SignedEntry,
  StatusCode,
  StatusError,
} from "@clawmatrix/protocol";

export interface AdmissionRequestOptions {
  /** Of a node that this one has a link with. */
  readonly client: Pick<MemberServiceClient, "requestAdmission">;
  /** Who wants to be let in. */
  readonly identity: Identity;
  /** The name to be known by. */
  readonly name: string;
  /** Takes over the entries of the mesh once the node is in. */
  readonly membership: Membership;
  /** What `Invitation.use` gave, or any other admission of this node (bytes of a `SignedEntry`). Default: none. */
  readonly admission?: Uint8Array;
  /** Gives the waiting up. */
  readonly signal?: AbortSignal;
  /** Told when an operator has to approve, and why the admission did not suffice. */
  readonly onPending?: (why: AdmissionAnswer) => void;
  /** False: resolves with "pending" instead of waiting for an operator. Default: true. */
  readonly untilDecided?: boolean;
}

/** What a node says to a request. The reasons are those of `RequestAdmissionResponse`. */
export interface AdmissionAnswer {
  readonly reason: string;
  readonly message: string;
}

export type AdmissionOutcome =
  | { readonly state: "admitted" }
  | ({ readonly state: "pending" | "denied" } & AdmissionAnswer);

/**
 * Asks a peer to be let in, and stays until that is decided. After "admitted" the membership holds the entries of the mesh,
 * this node's own admission among them, verified: a peer that only claims it is an error.
 *
 * Rejects with the call's StatusError (UNAVAILABLE when the peer has gone: ask it or another one again), and with
 * "admission-not-shown" or "too-many-entries" for a peer that does not keep to the protocol.
 */
export async function requestAdmission(options: AdmissionRequestOptions): Promise<AdmissionOutcome> {
  const { client, identity, name, membership, admission, signal } = options;
  const answers = client.requestAdmission(
    {
      keys: publicKeysOf(identity),
      name,
      ...(admission === undefined ? {} : { admission: SignedEntry.decode(admission) }),
    },
    signal === undefined ? {} : { signal },
  );
  const intake = new EntryIntake(membership);
  for await (const answer of answers) {
    const { reason, message } = answer;
    switch (answer.state) {
      case AdmissionState.ADMITTED:
        intake.take(answer);
        break;
      case AdmissionState.PENDING:
        options.onPending?.({ reason, message });
        if (options.untilDecided === false) return { state: "pending", reason, message };
        break;
      case AdmissionState.DENIED:
        return { state: "denied", reason, message };
      default:
        // A state of a newer version: what it means for us, a later answer says.
        break;
    }
  }
  if (!intake.begun) {
    throw new StatusError(StatusCode.UNAVAILABLE, "the peer ended the request without a decision", {
      reason: "no-decision",
      hint: "ask again",
    });
  }
  if (!membership.isMember(identity.nodeId)) {
    throw new StatusError(
      StatusCode.FAILED_PRECONDITION,
      "the peer says that this node was let in, but its membership entries do not show it",
      { reason: "admission-not-shown", hint: "ask another node, or an operator of the mesh" },
    );
  }
  return { state: "admitted" };
}

/** Merges the entries as they come, and no more of them than a mesh can have. */
class EntryIntake {
  readonly #membership: Membership;
  #bytes = 0;
  begun = false;

  constructor(membership: Membership) {
    this.#membership = membership;
  }

  take({ entries }: RequestAdmissionResponse): void {
    this.begun = true;
    const encoded = entries.map((entry) => SignedEntry.encode(entry));
    for (const { length } of encoded) this.#bytes += length;
    if (this.#bytes > MAX_ENTRIES_BYTES) {
      throw new StatusError(
        StatusCode.RESOURCE_EXHAUSTED,
        "the peer sent more membership entries than a mesh can have",
        { reason: "too-many-entries", hint: "ask another node" },
      );
    }
    this.#membership.merge(encoded);
  }
}

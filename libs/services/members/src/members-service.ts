import type { Clock, Logger, Random } from "@clawmatrix/environment";
import {
  type Identity,
  type MeshSecret,
  NODE_ID_BYTES,
  type NodeId,
  nodeIdFromBytes,
  nodeIdFromKeys,
} from "@clawmatrix/identity";
import { admit, appoint, createInvitation, type Decider, type Membership, revoke } from "@clawmatrix/mesh";
import {
  type AppointOperatorRequest,
  type AppointOperatorResponseInit,
  type ApproveRequest,
  type ApproveResponseInit,
  type CallContext,
  type DenyRequest,
  type DenyResponseInit,
  type InviteRequest,
  type InviteResponseInit,
  type ListMembersResponseInit,
  type ListPendingResponseInit,
  type MemberServiceServer,
  type RequestAdmissionRequest,
  type RequestAdmissionResponseInit,
  type RevokeRequest,
  type RevokeResponseInit,
  StatusCode,
  StatusError,
} from "@clawmatrix/protocol";
import { AdmissionDesk } from "./admission-desk.ts";
import { memberMessage, pendingAsMember, pendingMessage } from "./member-messages.ts";
import { MeshDenials, type OtherNodes } from "./mesh-denials.ts";

export interface MembersServiceOptions {
  readonly membership: Membership;
  /** This node's. */
  readonly identity: Identity;
  /** Goes into invitations. */
  readonly secret: MeshSecret;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** From where a node is connected to this one, without port; undefined where that is not known. */
  readonly addressOf: (node: NodeId) => string | undefined;
  /** Where this node can be reached, best first: its own addresses, then those of its relays. */
  readonly ownAddresses: () => readonly string[];
  /** The other nodes of the mesh, where strangers may wait as well. */
  readonly others: OtherNodes;
}

/**
 * Who belongs to the mesh, as a service: requests for admission, decisions on them, invitations. Who may call what is
 * checked before, by the method's audience; that this node is an operator, where it has to sign, is checked here.
 */
export class MembersService implements MemberServiceServer {
  readonly #options: MembersServiceOptions;
  readonly #decider: Decider;
  readonly #desk: AdmissionDesk;
  readonly #denials: MeshDenials;

  constructor(options: MembersServiceOptions) {
    this.#options = options;
    this.#decider = options;
    this.#desk = new AdmissionDesk({ ...options, waitingElsewhere: () => this.#elsewhere().size });
    this.#denials = new MeshDenials(options);
  }

  /** The nodes that wait here to be let in. */
  get waiting(): readonly NodeId[] {
    return this.#desk.pending.list().map(({ node }) => node);
  }

  /** Nodes that wait to be let in: here, and, where this node is an operator's, anywhere in the mesh. */
  get pendingCount(): number {
    const { membership, identity } = this.#options;
    const here = this.#desk.pending.size;
    return membership.isOperator(identity.nodeId) ? here + this.#elsewhere().size : here;
  }

  /** What other nodes say of themselves has changed: who waits there, perhaps. */
  othersChanged(): void {
    this.#denials.enforce();
  }

  /** Calls back when the requests that wait have changed. Returns how to end that. */
  onPendingChange(listener: () => void): () => void {
    return this.#desk.onChange(listener);
  }

  /** Ends the requests that wait, with UNAVAILABLE, and every timer. */
  stop(): void {
    this.#desk.stop();
  }

  requestAdmission(
    request: RequestAdmissionRequest,
    context: CallContext,
  ): AsyncIterable<RequestAdmissionResponseInit> {
    return this.#desk.serve(request, context);
  }

  async listPending(): Promise<ListPendingResponseInit> {
    const via = this.#options.identity.nodeId;
    return { pending: this.#desk.pending.list().map((request) => pendingMessage(request, via)) };
  }

  async listMembers(): Promise<ListMembersResponseInit> {
    const { membership, identity } = this.#options;
    return {
      members: [
        ...membership.members().map(memberMessage),
        ...this.#desk.pending.list().map((request) => pendingAsMember(request, identity.nodeId)),
      ],
    };
  }

  /** Refusals: not-an-operator, not-pending, keys-do-not-match, node-revoked. */
  async approve({ id, keys, name }: ApproveRequest): Promise<ApproveResponseInit> {
    const node = readNodeId(id);
    const request = this.#desk.pending.get(node);
    const known = this.#options.membership.member(node);
    if (known?.state === "admitted") return { member: memberMessage(known) };
    const nodeKeys = keys ?? request?.keys;
    if (nodeKeys === undefined) throw notPending();
    if (nodeIdFromKeys(nodeKeys.signingKey, nodeKeys.agreementKey) !== node) {
      throw new StatusError(StatusCode.INVALID_ARGUMENT, "the keys are not those of the node to be let in", {
        reason: "keys-do-not-match",
      });
    }
    const admitted = admit(this.#decider, {
      keys: nodeKeys,
      name: name === "" ? (request?.name ?? "") : name,
    });
    this.#desk.forgetDenial(node);
    this.#denials.forget(node);
    return { member: memberMessage(admitted) };
  }

  /**
   * On the operator's own node: refuses a request wherever in the mesh it was made. From another node: that one is known to be an
   * operator's by the method's audience, and refuses what was asked of this node. Refusals: not-an-operator, not-pending.
   */
  async deny({ id }: DenyRequest, { caller }: Pick<CallContext, "caller">): Promise<DenyResponseInit> {
    const { membership, identity } = this.#options;
    const node = readNodeId(id);
    if (caller.local && !membership.isOperator(identity.nodeId)) {
      throw new StatusError(
        StatusCode.PERMISSION_DENIED,
        "only an operator can deny a request, and this node is none",
        { reason: "not-an-operator", hint: "do it on an operator's node" },
      );
    }
    const here = this.#desk.deny(node);
    const elsewhere = caller.local && (await this.#denials.deny(node));
    if (!here && !elsewhere) throw notPending();
    return {};
  }

  /** Refusals: not-an-operator, no-such-member, founder, oneself, senior-operator. */
  async revoke({ id, reason }: RevokeRequest): Promise<RevokeResponseInit> {
    return { member: memberMessage(revoke(this.#decider, readNodeId(id), { reason })) };
  }

  /** Refusals: not-an-operator, no-address, bad-expiry. */
  async invite({ name, expiresInMs }: InviteRequest): Promise<InviteResponseInit> {
    const { secret, random, ownAddresses } = this.#options;
    const invitation = createInvitation(this.#decider, {
      secret,
      random,
      name,
      addresses: ownAddresses(),
      ...(expiresInMs === 0 ? {} : { expiresInMs }),
    });
    return {
      invitation: invitation.revealText(),
      expiresAtUnixMs: BigInt(invitation.expiresAt),
      addresses: [...invitation.addresses],
    };
  }

  /** Refusals: not-an-operator, no-such-member, founder, oneself, senior-operator, senior-word. */
  async appointOperator({ id, operator }: AppointOperatorRequest): Promise<AppointOperatorResponseInit> {
    return { member: memberMessage(appoint(this.#decider, readNodeId(id), operator)) };
  }

  /** Who waits at other nodes and not here, each once; a decision may be known here before they have heard of it. */
  #elsewhere(): ReadonlySet<NodeId> {
    const { membership, others } = this.#options;
    const isOpen = (node: NodeId): boolean =>
      !membership.isMember(node) && !membership.isRevoked(node) && this.#desk.pending.get(node) === undefined;
    return new Set(others.waiting().flatMap(({ waiting }) => waiting.filter(isOpen)));
  }
}

function readNodeId(bytes: Uint8Array): NodeId {
  if (bytes.length === NODE_ID_BYTES) return nodeIdFromBytes(bytes);
  throw new StatusError(StatusCode.INVALID_ARGUMENT, `a node id has ${NODE_ID_BYTES} bytes`, {
    reason: "not-a-node-id",
  });
}

function notPending(): StatusError {
  return new StatusError(StatusCode.NOT_FOUND, "no node with this id waits to be let in", {
    reason: "not-pending",
    hint: '"clawmatrix members pending" lists those that do',
  });
}

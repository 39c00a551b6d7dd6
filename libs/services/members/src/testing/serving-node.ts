import { duplexPair } from "node:stream";
import { seededRandom, silentLogger, systemClock, VirtualClock } from "@clawmatrix/environment";
import { Identity, MeshSecret, type NodeId } from "@clawmatrix/identity";
import { foundMesh, Membership, type Mesh } from "@clawmatrix/mesh";
import { MemberService, type MemberServiceClient, StatusCode, StatusError } from "@clawmatrix/protocol";
import { CallServer, createClient, overConduit, ServiceRegistry, StreamConduit } from "@clawmatrix/rpc";
import { MembersService } from "../members-service.ts";

/** Different in every node of a test run, the same in every run. */
export const random = seededRandom(7);

/** A node that serves MemberService through real calls; what connects it with its callers is a pair of streams. */
export class ServingNode implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly identity: Identity;
  readonly secret: MeshSecret;
  readonly mesh: Mesh;
  readonly membership: Membership;
  readonly service: MembersService;
  /** From where nodes are connected, as the node sees it. */
  readonly addressOf = new Map<NodeId, string>();
  /** Other nodes of the mesh, and the ids that wait there, as their records say. */
  readonly others = new Map<ServingNode, readonly NodeId[]>();
  ownAddresses: readonly string[] = ["wss://relay.example:19000"];
  readonly #server: CallServer;
  readonly #conduits: StreamConduit[] = [];

  /** Default: the founder of a mesh of its own. */
  constructor(as?: { readonly identity: Identity; readonly of: ServingNode }) {
    this.identity = as?.identity ?? Identity.generate(random);
    this.secret = as?.of.secret ?? MeshSecret.generate(random);
    const founded = foundMesh(this.identity, this.secret, "first", this.clock.now());
    this.mesh = as?.of.mesh ?? founded.mesh;
    const entries = as === undefined ? [founded.entry] : [];
    this.membership = new Membership({ mesh: this.mesh, entries, logger: silentLogger });
    if (as !== undefined) this.learnFrom(as.of);
    this.service = new MembersService({
      membership: this.membership,
      identity: this.identity,
      secret: this.secret,
      clock: this.clock,
      random,
      logger: silentLogger,
      addressOf: (node) => this.addressOf.get(node),
      ownAddresses: () => this.ownAddresses,
      others: {
        waiting: () =>
          Array.from(this.others, ([{ identity }, waiting]) => ({ node: identity.nodeId, waiting })),
        clientOf: (node) => {
          const other = [...this.others.keys()].find(({ identity }) => identity.nodeId === node);
          if (other === undefined) throw new StatusError(StatusCode.UNAVAILABLE, "the node has gone");
          return other.connectionOf(this.identity.nodeId).client;
        },
      },
    });
    const registry = new ServiceRegistry();
    registry.serve(MemberService, this.service);
    this.#server = new CallServer({
      self: this.identity.nodeId,
      registry,
      clock: systemClock,
      random,
      logger: silentLogger,
      isMember: (node) => this.membership.isMember(node),
      isOperator: (node) => this.membership.isOperator(node),
      authorize: () => undefined,
    });
  }

  /** What gossip does. */
  learnFrom(other: ServingNode): void {
    this.membership.merge([...other.membership.entries()].map(({ bytes }) => bytes));
  }

  /** Calls as a client on the node's own socket. */
  locally(): MemberServiceClient {
    return this.#connect((conduit) => this.#server.attachClient(conduit)).client;
  }

  /** Calls as another node, and how to cut its connection. */
  connectionOf(node: NodeId): { readonly client: MemberServiceClient; readonly cut: () => void } {
    return this.#connect((conduit) => this.#server.attachPeer(conduit, node));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.service.stop();
    const ended = new StatusError(StatusCode.UNAVAILABLE, "the test is over");
    for (const conduit of this.#conduits) conduit.close(ended);
  }

  #connect(attach: (conduit: StreamConduit) => void) {
    const [here, there] = duplexPair();
    const options = { clock: systemClock, logger: silentLogger };
    const served = new StreamConduit(here, { ...options, role: "server" });
    const calling = new StreamConduit(there, { ...options, role: "client" });
    this.#conduits.push(served, calling);
    attach(served);
    const client = createClient(MemberService, overConduit(calling), { clock: systemClock, random });
    return { client, cut: () => there.destroy() };
  }
}

/** What a node that wants to be let in has: an identity, the secret, and so a membership without entries. */
export function newcomerOf(node: ServingNode) {
  const identity = Identity.generate(random);
  const membership = new Membership({ mesh: node.mesh, logger: silentLogger });
  return { identity, membership, name: "newcomer" };
}

import { type Random, seededRandom, silentLogger } from "@clawmatrix/environment";
import { Identity, MeshSecret, type NodeId } from "@clawmatrix/identity";
import { type Decider, foundMesh, publicKeysOf } from "../decisions.ts";
import { Membership } from "../membership.ts";
import type { Mesh } from "../mesh.ts";

/** When the meshes of tests begin: 2026-01-01. */
export const START = Date.UTC(2026, 0, 1);

/** A mesh with its founder, for tests: nodes by name, a clock that is set by hand. */
export class FoundedTestMesh {
  readonly random: Random = seededRandom(1);
  readonly secret = MeshSecret.generate(this.random);
  readonly founder = Identity.generate(this.random);
  readonly clock = { time: START, now: () => this.clock.time };
  readonly mesh: Mesh;
  /** What the founder knows. */
  readonly membership: Membership;
  readonly founding: Uint8Array;

  constructor() {
    const { mesh, entry } = foundMesh(this.founder, this.secret, "first", START);
    this.mesh = mesh;
    this.founding = entry;
    this.membership = this.memory([entry]);
  }

  newNode(): Identity {
    return Identity.generate(this.random);
  }

  /** The membership of a node that knows nothing but these entries. */
  memory(entries: readonly Uint8Array[] = []): Membership {
    return new Membership({ mesh: this.mesh, entries, logger: silentLogger });
  }

  /** Decides with what `membership` knows; default: what the founder knows. */
  as(identity: Identity, membership = this.membership): Decider {
    return { membership, identity, clock: this.clock };
  }

  get byFounder(): Decider {
    return this.as(this.founder);
  }
}

/** All entries of a membership, as bytes. */
export function entriesOf(membership: Membership): Uint8Array[] {
  return [...membership.entries()].map(({ bytes }) => bytes);
}

export function candidate(
  identity: Identity,
  name = "node",
): { keys: ReturnType<typeof publicKeysOf>; name: string } {
  return { keys: publicKeysOf(identity), name };
}

/** What a membership says, in a form that two of them can be compared by. */
export function pictureOf(membership: Membership): unknown {
  return {
    rows: membership.members(),
    operators: [...membership.standing.operators],
    summary: Buffer.from(membership.summary()).toString("hex"),
  };
}

export function ids(...nodes: readonly Identity[]): NodeId[] {
  return nodes.map(({ nodeId }) => nodeId).sort();
}

import { type Random, silentLogger, VirtualClock } from "@clawmatrix/environment";
import { Identity, MeshSecret } from "@clawmatrix/identity";
import { admit, type Decider, foundMesh, Membership, publicKeysOf } from "@clawmatrix/mesh";

/** A time at which entries are signed, in ms since 1970. */
const NOW = 1_800_000_000_000;

/** A mesh with its founder, one honest member, and the attacker, who is a member as well. */
export class FoundedMesh {
  readonly clock = new VirtualClock({ startsAt: NOW });
  readonly secret: MeshSecret;
  readonly founder: Identity;
  readonly honest: Identity;
  readonly attacker: Identity;
  readonly founding: Uint8Array;
  readonly membership: Membership;

  constructor(random: Random) {
    this.secret = MeshSecret.generate(random);
    const [founder, honest, attacker] = [1, 2, 3].map(() => Identity.generate(random)) as [
      Identity,
      Identity,
      Identity,
    ];
    this.founder = founder;
    this.honest = honest;
    this.attacker = attacker;
    const { mesh, entry } = foundMesh(founder, this.secret, "founder", NOW);
    this.founding = entry;
    this.membership = new Membership({ mesh, entries: [entry], logger: silentLogger });
    admit(this.decider, { keys: publicKeysOf(honest), name: "honest" });
    admit(this.decider, { keys: publicKeysOf(attacker), name: "attacker" });
  }

  get decider(): Decider {
    return { membership: this.membership, identity: this.founder, clock: this.clock };
  }
}

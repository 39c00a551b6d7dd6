import { seededRandom } from "@clawmatrix/environment";
import { Identity } from "@clawmatrix/identity";

/** Making one costs some milliseconds, so worlds draw from as many as this, which leaves room for every order of ids. */
const POOL = 64;
const POOL_SEED = 0x1d;

/** The identities that worlds are populated with: always the same ones, made when they are first needed. */
export class Identities {
  readonly #made: Identity[] = [];
  readonly #random = seededRandom(POOL_SEED);

  /** `count` different ones, in an order that depends on the seed. */
  draw(count: number, seed: number): Identity[] {
    const random = seededRandom(seed);
    const size = Math.max(POOL, count);
    const numbers = Array.from({ length: size }, (_, i) => i);
    for (let i = 0; i < count; i++) {
      const j = i + Math.floor(random.fraction() * (size - i));
      [numbers[i], numbers[j]] = [numbers[j]!, numbers[i]!];
    }
    return numbers.slice(0, count).map((number) => this.#identity(number));
  }

  #identity(number: number): Identity {
    while (this.#made.length <= number) this.#made.push(Identity.generate(this.#random));
    return this.#made[number]!;
  }
}

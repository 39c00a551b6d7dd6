/** What came of a transcript whose pieces are numbered from 0. */
export class Arrivals {
  arrived = 0;
  doubled = 0;
  outOfOrder = 0;
  /** Milliseconds without an arrival around each cut. */
  readonly gapsMs: number[] = [];
  readonly #seen = new Set<number>();
  #highest = -1;
  #lastAt = performance.now();
  /** When the last piece came before the connection stood again, where none has come since. */
  #before: number | undefined;

  /** The connection stands again after a cut. */
  connected(): void {
    this.#before ??= this.#lastAt;
  }

  /** A piece has come. True: the first one since the connection stands again. */
  piece(number: number): boolean {
    this.arrived++;
    if (this.#seen.has(number)) this.doubled++;
    else if (number < this.#highest) this.outOfOrder++;
    this.#seen.add(number);
    this.#highest = Math.max(this.#highest, number);
    this.#lastAt = performance.now();
    if (this.#before === undefined) return false;
    this.gapsMs.push(this.#lastAt - this.#before);
    this.#before = undefined;
    return true;
  }

  /** Of so many that were sent. */
  lostOf(sent: number): number {
    return sent - this.#seen.size;
  }
}

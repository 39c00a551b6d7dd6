import type { NodeId } from "@clawmatrix/identity";
import { Dialer, type DialerOptions, type DialerState } from "./dialer.ts";

/** One dialer for each address that the configuration names. */
export class Dialers {
  readonly #options: Omit<DialerOptions, "address">;
  readonly #dialers = new Map<string, Dialer>();
  #running = false;

  constructor(options: Omit<DialerOptions, "address">) {
    this.#options = options;
  }

  start(): void {
    this.#running = true;
    for (const dialer of this.#dialers.values()) dialer.start();
  }

  stop(): void {
    this.#running = false;
    for (const dialer of this.#dialers.values()) dialer.stop();
  }

  /** From now on these addresses. Links with nodes at other ones live on until they end by themselves. */
  setAddresses(addresses: readonly string[]): void {
    for (const [address, dialer] of this.#dialers) {
      if (addresses.includes(address)) continue;
      dialer.stop();
      this.#dialers.delete(address);
    }
    for (const address of addresses) {
      if (this.#dialers.has(address)) continue;
      const dialer = new Dialer({ ...this.#options, address });
      this.#dialers.set(address, dialer);
      if (this.#running) dialer.start();
    }
  }

  states(): DialerState[] {
    return Array.from(this.#dialers.values(), ({ state }) => state);
  }

  linkGone(node: NodeId): void {
    for (const dialer of this.#dialers.values()) dialer.linkGone(node);
  }
}

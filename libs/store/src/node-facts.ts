/** Small things that a node remembers about itself: boot counter, record version, and the like. Durable at the return. */
export interface NodeFacts {
  get(name: string): Uint8Array | undefined;
  getText(name: string): string | undefined;
  set(name: string, value: Uint8Array | string): void;
  delete(name: string): void;
  /** Adds one to a counter that begins at 0, and returns the new value. */
  increment(name: string): number;
}

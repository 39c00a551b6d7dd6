/** An invariant that did not hold. */
export interface Violation {
  /** Which, as the protocol's description numbers them; `routes`: all who can reach each other know each other, and the way. */
  readonly invariant: "P1" | "P2" | "P3" | "P4" | "P5" | "P6" | "P7" | "P8" | "P9" | "routes" | "errand";
  readonly what: string;
}

import type { KeptEntry, MembershipView } from "@clawmatrix/mesh";

/** A membership to which everybody belongs who has the mesh secret: benchmarks do not measure admission. */
export const everybody: MembershipView = {
  isMember: () => true,
  isRevoked: () => false,
  onChange: () => () => undefined,
  onEntries: () => () => undefined,
  entries: () => [],
  has: () => false,
  get: () => undefined,
  summary: () => new Uint8Array(16),
  merge: (): readonly KeptEntry[] => [],
};

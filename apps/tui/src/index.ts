export type { NodeLink } from "./data/node-link.ts";
export { renderKeysReference } from "./keys/keys-reference.ts";
export type { TuiOptions } from "./open-tui.ts";
export { openTui } from "./open-tui.ts";

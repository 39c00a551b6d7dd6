import type { NodeConnection } from "@clawmatrix/client";

/** What the terminal UI needs of its connection to the local node. */
export type NodeLink = Pick<NodeConnection, "agents" | "diagnostics" | "closed" | "close">;

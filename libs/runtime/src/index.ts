export type { OwnPrograms } from "./agent-settings.ts";
export type { CreatedHome, CreateHomeOptions } from "./home/create-home.ts";
export { createHome } from "./home/create-home.ts";
export { hasIdentity, readHome } from "./home/home-state.ts";
export type { JoinedHome, JoinHomeOptions } from "./home/join-home.ts";
export { joinHome } from "./home/join-home.ts";
export { weighBuffersWithHeap } from "./process-memory.ts";
export type { StartedNode, StartNodeOptions } from "./start-node.ts";
export { startNode } from "./start-node.ts";

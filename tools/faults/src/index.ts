export { NodeProcess } from "./processes/node-process.ts";
export { type OfferedAgent, RelayedMesh, type RelayedMeshOptions } from "./processes/relayed-mesh.ts";

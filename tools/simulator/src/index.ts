export type { MeasureOptions, MeshCost } from "./cost/measure-mesh.ts";
export { measureMesh } from "./cost/measure-mesh.ts";
export type { Topology } from "./world/topology.ts";

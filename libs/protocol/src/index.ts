export { StatusCode } from "./gen/clawmatrix/v1/call_pb.ts";
export * from "./service.ts";
export * from "./status-error.ts";

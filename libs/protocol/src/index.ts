export { FrameWriter } from "./frame-writer.ts";
export * from "./gen/clawmatrix/v1/index.ts";
export * from "./service.ts";
export * from "./status-error.ts";

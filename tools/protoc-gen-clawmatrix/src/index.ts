export * from "./accepted-frames.ts";
export { clawmatrixPlugin } from "./plugin.ts";

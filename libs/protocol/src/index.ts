export * from "./service.ts";
export * from "./status-error.ts";

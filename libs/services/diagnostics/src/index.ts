export type { AuditSource, DiagnosticsServiceOptions, StatusSource } from "./diagnostics-service.ts";
export { DiagnosticsService } from "./diagnostics-service.ts";
export type { LogTailOptions } from "./log-tail.ts";
export { tailLog } from "./log-tail.ts";
export type { RouteSource } from "./trace-route.ts";

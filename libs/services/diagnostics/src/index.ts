export type { DiagnosticsServiceOptions, StatusSource } from "./diagnostics-service.ts";
export { DiagnosticsService } from "./diagnostics-service.ts";

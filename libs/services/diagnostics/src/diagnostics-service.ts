import type { Clock } from "@clawmatrix/environment";
import {
  type CallContext,
  type DiagnosticServiceGetStatusResponseInit,
  type DiagnosticServiceServer,
  type MeshStatusInit,
  type PingRequest,
  type PingResponseInit,
  StatusCode,
  StatusError,
  type TailLogRequest,
  type TailLogResponseInit,
  type WatchStatusRequest,
  type WatchStatusResponseInit,
} from "@clawmatrix/protocol";
import { tailLog } from "./log-tail.ts";
import { watchStatus } from "./status-watch.ts";

/** Milliseconds between two statuses that a watcher gets: an eye does not follow faster. */
const STATUS_INTERVAL_MS = 250;
/** The longest payload that a ping brings back. */
const MAX_PING_BYTES = 65_536;
/** Lines of the log that one gets at most, and when one does not say how many. */
const MAX_LOG_LINES = 10_000;
const DEFAULT_LOG_LINES = 100;

/** Where the service learns how the node and the mesh are doing. */
export interface StatusSource {
  status(): MeshStatusInit;
  /** Calls back after every change of it. Returns how to end that. */
  onChange(listener: () => void): () => void;
}

export interface DiagnosticsServiceOptions {
  readonly clock: Clock;
  readonly source: StatusSource;
  readonly logFile: string;
}

/** What of `DiagnosticService` is served so far: status, its changes, the log, and ping. */
export class DiagnosticsService
  implements Pick<DiagnosticServiceServer, "getStatus" | "watchStatus" | "tailLog" | "ping">
{
  readonly #options: DiagnosticsServiceOptions;

  constructor(options: DiagnosticsServiceOptions) {
    this.#options = options;
  }

  async getStatus(): Promise<DiagnosticServiceGetStatusResponseInit> {
    return { status: this.#options.source.status() };
  }

  async *watchStatus(
    _request: WatchStatusRequest,
    { signal }: CallContext,
  ): AsyncGenerator<WatchStatusResponseInit> {
    const { clock, source } = this.#options;
    const statuses = watchStatus({
      clock,
      read: () => source.status(),
      onChange: (listener) => source.onChange(listener),
      intervalMs: STATUS_INTERVAL_MS,
      signal,
    });
    for await (const status of statuses) yield { status };
  }

  async *tailLog(
    { lines, follow }: TailLogRequest,
    { signal }: CallContext,
  ): AsyncGenerator<TailLogResponseInit> {
    const { clock, logFile } = this.#options;
    const wanted = Math.min(lines === 0 ? DEFAULT_LOG_LINES : lines, MAX_LOG_LINES);
    for await (const found of tailLog({ file: logFile, lines: wanted, follow, clock, signal }))
      yield { lines: found };
  }

  async ping({ payload }: PingRequest): Promise<PingResponseInit> {
    if (payload.length > MAX_PING_BYTES) {
      throw new StatusError(
        StatusCode.INVALID_ARGUMENT,
        `a ping carries ${MAX_PING_BYTES} bytes at most, not ${payload.length}`,
      );
    }
    return { payload };
  }
}

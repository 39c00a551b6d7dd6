import type { Clock } from "@clawmatrix/environment";
import { NODE_ID_BYTES, nodeIdFromBytes, nodeIdToBytes } from "@clawmatrix/identity";
import {
  type AuditEntryInit,
  type CallContext,
  type CheckRequest,
  type CheckResponseInit,
  type DiagnosticServiceGetStatusResponseInit,
  type DiagnosticServiceServer,
  type MeshStatusInit,
  type PingRequest,
  type PingResponseInit,
  type ReadAuditRequest,
  type ReadAuditResponseInit,
  StatusCode,
  StatusError,
  type TailLogRequest,
  type TailLogResponseInit,
  type TraceRequest,
  type TraceResponseInit,
  type WatchStatusRequest,
  type WatchStatusResponseInit,
} from "@clawmatrix/protocol";
import { tailLog } from "./log-tail.ts";
import { watchStatus } from "./status-watch.ts";
import { type RouteSource, traceRoute } from "./trace-route.ts";

/** Milliseconds between two statuses that a watcher gets: an eye does not follow faster. */
const STATUS_INTERVAL_MS = 250;
/** The longest payload that a ping brings back. */
const MAX_PING_BYTES = 65_536;
/** Lines of the log that one gets at most, and when one does not say how many. */
const MAX_LOG_LINES = 10_000;
const DEFAULT_LOG_LINES = 100;
/** The same of the audit log. */
const MAX_AUDIT_ENTRIES = 1_000;
const DEFAULT_AUDIT_ENTRIES = 100;

/** Where the service learns how the node and the mesh are doing. */
export interface StatusSource {
  status(): MeshStatusInit;
  /** Calls back after every change of it. Returns how to end that. */
  onChange(listener: () => void): () => void;
}

/** Where the service finds what was refused and used. */
export interface AuditSource {
  /** Latest first; only entries before that id. */
  list(limit: number, before: number | undefined): AuditEntryInit[];
}

export interface DiagnosticsServiceOptions {
  readonly clock: Clock;
  readonly source: StatusSource;
  readonly routes: RouteSource;
  readonly audit: AuditSource;
  /** Looks for what is wrong on this node. */
  readonly check: () => AsyncIterable<CheckResponseInit>;
  readonly logFile: string;
}

/** How the node and the mesh around it are doing, and what happened on it. */
export class DiagnosticsService implements DiagnosticServiceServer {
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

  /** Refusals: unknown-node, unreachable. */
  async trace(request: TraceRequest, { signal }: Pick<CallContext, "signal">): Promise<TraceResponseInit> {
    const { clock, routes } = this.#options;
    if (request.destination.length !== NODE_ID_BYTES) {
      throw new StatusError(StatusCode.INVALID_ARGUMENT, `a node id has ${NODE_ID_BYTES} bytes`);
    }
    const destination = nodeIdFromBytes(request.destination);
    if (!request.nextOnly) return { hops: await traceRoute({ source: routes, destination, clock, signal }) };
    const next = routes.nextHop(destination);
    return { hops: next === undefined ? [] : [{ id: nodeIdToBytes(next), name: routes.nameOf(next) }] };
  }

  check(_request: CheckRequest): AsyncIterable<CheckResponseInit> {
    return this.#options.check();
  }

  async readAudit({ limit, before }: ReadAuditRequest): Promise<ReadAuditResponseInit> {
    const wanted = Math.min(limit === 0 ? DEFAULT_AUDIT_ENTRIES : limit, MAX_AUDIT_ENTRIES);
    return { entries: this.#options.audit.list(wanted, before === 0n ? undefined : Number(before)) };
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

import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import type { LogFields, Logger } from "@clawmatrix/environment";
import { type DestinationStream, destination, type Logger as PinoLogger, pino } from "pino";

export interface NodeLogOptions {
  readonly file: string;
  readonly level: "debug" | "info" | "warn" | "error";
  /** Size at which the file is put aside when the node starts. */
  readonly maxBytes: number;
  /** How many old files are kept. */
  readonly keep: number;
}

export interface NodeLog {
  readonly logger: Logger;
  setLevel(level: NodeLogOptions["level"]): void;
  close(): void;
}

/** The node's log: one JSON object per line. Written at once, so that the last words of a crash are in it. */
export function openNodeLog(options: NodeLogOptions): NodeLog {
  rotate(options);
  const stream = destination({ dest: options.file, mode: 0o600, sync: true });
  const log = pino(
    { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    stream as DestinationStream,
  );
  return {
    logger: wrap(log),
    setLevel(level) {
      log.level = level;
    },
    close: () => stream.end(),
  };
}

function wrap(log: PinoLogger): Logger {
  return {
    debug: (message, fields) => log.debug(fields ?? {}, message),
    info: (message, fields) => log.info(fields ?? {}, message),
    warn: (message, fields) => log.warn(fields ?? {}, message),
    error: (message, fields) => log.error(fields ?? {}, message),
    child: (fields: LogFields) => wrap(log.child(fields)),
  };
}

/** node.log becomes node.log.1, that one node.log.2, and so on; the oldest goes. */
function rotate({ file, maxBytes, keep }: NodeLogOptions): void {
  if (!existsSync(file) || statSync(file).size < maxBytes) return;
  rmSync(`${file}.${keep}`, { force: true });
  for (let number = keep - 1; number >= 1; number--) {
    if (existsSync(`${file}.${number}`)) renameSync(`${file}.${number}`, `${file}.${number + 1}`);
  }
  if (keep > 0) renameSync(file, `${file}.1`);
  else rmSync(file);
}

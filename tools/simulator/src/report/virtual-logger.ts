import type { LogFields, Logger } from "@clawmatrix/environment";

/** Writes what the nodes of a world log, a line each, in the order in which it happens. */
export function virtualLogger(write: (line: string) => void, own: LogFields = {}): Logger {
  const log =
    (level: string) =>
    (message: string, fields: LogFields = {}): void =>
      write(`${level} ${message} ${JSON.stringify({ ...own, ...fields })}`);
  return {
    debug: log("debug"),
    info: log("info"),
    warn: log("warn"),
    error: log("error"),
    child: (fields) => virtualLogger(write, { ...own, ...fields }),
  };
}

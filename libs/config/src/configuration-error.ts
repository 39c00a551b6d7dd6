import { StatusCode, StatusError } from "@clawmatrix/protocol";

/** One thing that is wrong in a configuration file. */
export interface ConfigurationProblem {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** As a person would write it: `agents.coder.max_processes`; empty for a file that is not TOML. */
  readonly key: string;
  /** What is wrong, and for an unknown key the nearest right one. Never a value that may be secret. */
  readonly message: string;
}

/** More would not be read. */
const MAX_PROBLEMS = 50;

/** A configuration file that cannot be used, with all that is wrong in it, in the order of its lines. */
export class ConfigurationError extends StatusError {
  readonly file: string;
  /** At most 50. */
  readonly problems: readonly ConfigurationProblem[];

  constructor(file: string, problems: readonly ConfigurationProblem[], cause?: unknown) {
    const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
    const shown = sorted.slice(0, MAX_PROBLEMS);
    const lines = shown.map(
      ({ line, key, message }) => `${file}:${line}: ${key === "" ? "" : `${key} `}${message}`,
    );
    if (sorted.length > shown.length) lines.push(`… and ${sorted.length - shown.length} more`);
    super(StatusCode.INVALID_ARGUMENT, lines.join("\n"), { reason: "configuration", cause });
    this.file = file;
    this.problems = shown;
  }
}

/** One thing that is wrong in a configuration file. */
export interface ConfigurationProblem {
  /** From 1; 0 if the problem has no place. */
  readonly line: number;
  readonly column: number;
  /** As a person would write it: `agents.coder.max_processes`; empty for a file that is not TOML. */
  readonly key: string;
  /** What is wrong, and for an unknown key the nearest right one. Never a value that may be secret. */
  readonly message: string;
}

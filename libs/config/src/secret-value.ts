import type { Clock } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";

/** A value that may be a secret: written out, taken from the environment, or printed by a command. */
export type SecretValue =
  | string
  | { readonly env: string }
  | { readonly command: readonly [string, ...string[]] };

export interface ResolveSecretOptions {
  /** What the value is for, as the person wrote it (`agents.coder.env.TOKEN`): errors name this and never the value. */
  readonly key: string;
  readonly clock: Clock;
  /** Where `{env = …}` looks, and the environment of the command. Default: this process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Ends the command when aborted. */
  readonly signal?: AbortSignal;
}

/**
 * The value itself. Nothing is kept: ask when it is needed. What a command prints loses one line end.
 * @throws StatusError `failed-precondition` if the variable is not set or the command fails or prints nothing,
 *   `deadline-exceeded` if it takes more than 10 s, `resource-exhausted` if it prints more than 64 KiB, `cancelled`.
 */
export async function resolveSecret(value: SecretValue, options: ResolveSecretOptions): Promise<string> {
  if (typeof value === "string") return value;
  if ("command" in value) {
    // Loaded here, because most programs that ask for paths and names never run a command.
    const { runSecretCommand } = await import("./secret-command.ts");
    return runSecretCommand(value.command, options);
  }
  const found = (options.env ?? process.env)[value.env];
  if (found !== undefined && found !== "") return found;
  throw new StatusError(
    StatusCode.FAILED_PRECONDITION,
    `${options.key} comes from the environment variable ${value.env}, which is not set`,
    { hint: `set ${value.env} where the node is started` },
  );
}

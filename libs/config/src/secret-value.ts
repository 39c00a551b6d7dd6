import type { Clock } from "@clawmatrix/environment";

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
 *   `deadline-exceeded` if it takes too long, `resource-exhausted` if it prints too much.
 */
export async function resolveSecret(_value: SecretValue, _options: ResolveSecretOptions): Promise<string> {
  throw new Error("being written");
}

import type { Clock, Logger } from "@clawmatrix/environment";
import type { NodeConfiguration } from "./node-configuration.ts";

// The schema and the TOML reader are loaded when one of these is first called: commands that only speak to the local
// node import this library for its paths, and their start-up is measured.

/**
 * Loads the rest of this library, for a process that runs on: when its program is replaced by a newer version, what it
 * has not loaded yet is gone.
 */
export async function loadConfigurationAhead(): Promise<void> {
  await Promise.all([
    import("./configuration-file.ts"),
    import("./parse-configuration.ts"),
    import("./watch-file.ts"),
    import("./secret-command.ts"),
  ]);
}

/** Where the file is, and what defaults depend on. */
export interface ConfigurationSource {
  /** The file, as errors name it. */
  readonly file: string;
  /** For `~` and for agents and tools without directories. */
  readonly homedir: string;
  /** For a node without a name. */
  readonly hostname: string;
}

/** Reads and checks the file. @throws ConfigurationError, or StatusError as `readSecretFile` does. */
export async function readConfiguration(source: ConfigurationSource): Promise<NodeConfiguration> {
  const { readFile } = await import("./configuration-file.ts");
  return readFile(source);
}

/** Checks a text as if it were the file. @throws ConfigurationError with all problems. */
export async function parseConfiguration(
  text: string,
  source: ConfigurationSource,
): Promise<NodeConfiguration> {
  const { parseText } = await import("./parse-configuration.ts");
  return parseText(text, source);
}

/** JSON schema of the file, for editors. */
export async function configurationJsonSchema(): Promise<object> {
  const { jsonSchema } = await import("./json-schema.ts");
  return jsonSchema();
}

/** All keys with meaning, default and example, in Markdown: `docs/configuration.md` is this text. */
export async function renderConfigurationReference(): Promise<string> {
  const { renderReference } = await import("./render-reference.ts");
  return renderReference();
}

export interface NewConfiguration {
  readonly name: string;
  /** HOST:PORT, as `init --listen` takes it. */
  readonly listen?: string;
  readonly peers?: readonly string[];
}

/** The commented file that `init` and `join` write. */
export async function renderNewConfiguration(values: NewConfiguration): Promise<string> {
  const { renderNewFile } = await import("./render-new-configuration.ts");
  return renderNewFile(values);
}

/** An agent to add to the file: with a command, or with an endpoint and its model. */
export interface NewAgent {
  readonly id: string;
  readonly description?: string;
  readonly command?: readonly [string, ...string[]];
  readonly url?: string;
  readonly model?: string;
  /** Written out only if short of secrets: prefer `{env = …}` and `{command = …}`. */
  readonly apiKey?: string | { readonly env: string } | { readonly command: readonly string[] };
  /** As with `apiKey`. */
  readonly env?: Readonly<Record<string, string | { env: string } | { command: string[] }>>;
  readonly directories?: readonly string[];
}

/** A change to the text of the file that keeps everything else, comments included. */
export type ConfigurationEdit =
  | { readonly kind: "add-agent"; readonly agent: NewAgent }
  | { readonly kind: "remove-agent"; readonly id: string }
  | { readonly kind: "set-peers"; readonly peers: readonly string[] }
  | { readonly kind: "set-name"; readonly name: string };

/**
 * Changes the file: the new text is checked before it replaces the old one in one step.
 * @throws StatusError `already-exists` or `not-found` for an agent, ConfigurationError if the file is not right, before or after.
 */
export async function editConfiguration(
  source: ConfigurationSource,
  ...edits: ConfigurationEdit[]
): Promise<NodeConfiguration> {
  const { editFile } = await import("./configuration-file.ts");
  return editFile(source, edits);
}

export interface WatchConfigurationOptions {
  readonly source: ConfigurationSource;
  /** What is in effect: nothing is reported until the file says something else. */
  readonly current?: NodeConfiguration;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called with every configuration that differs from the one before. */
  readonly onChange: (configuration: NodeConfiguration) => void;
  /** Called when the saved file cannot be used; what was in effect stays so. */
  readonly onError: (error: Error) => void;
}

export interface ConfigurationWatch {
  stop(): void;
}

/** Watches the file until stopped, also through editors that save by renaming. */
export async function watchConfiguration(options: WatchConfigurationOptions): Promise<ConfigurationWatch> {
  const { watchFile } = await import("./watch-file.ts");
  return watchFile(options);
}

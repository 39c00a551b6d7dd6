export type { HostPort } from "./address.ts";
export { formatHostPort, parseHostPort, problemWithUrl } from "./address.ts";
export type {
  ConfigurationEdit,
  ConfigurationSource,
  ConfigurationWatch,
  NewAgent,
  NewConfiguration,
  WatchConfigurationOptions,
} from "./configuration.ts";
export {
  configurationJsonSchema,
  editConfiguration,
  loadConfigurationAhead,
  parseConfiguration,
  readConfiguration,
  renderConfigurationReference,
  renderNewConfiguration,
  watchConfiguration,
} from "./configuration.ts";
export type { ConfigurationProblem } from "./configuration-error.ts";
export { ConfigurationError } from "./configuration-error.ts";
export { parseDuration } from "./duration.ts";
export { nodeNameFromHost, problemWithAgentId, problemWithModelId, problemWithNodeName } from "./names.ts";
export type * from "./node-configuration.ts";
export type { NodePaths, PathEnvironment } from "./paths.ts";
export { expandHome, resolvePaths } from "./paths.ts";
export { makePrivateDirectory, readSecretFile, writeSecretFile } from "./secret-file.ts";
export type { ResolveSecretOptions, SecretValue } from "./secret-value.ts";
export { resolveSecret } from "./secret-value.ts";
export { ensureSocketDirectory } from "./socket-directory.ts";
export { nearest } from "./suggest.ts";

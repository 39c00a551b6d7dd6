export type { HostPort } from "./address.ts";
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
  parseConfiguration,
  readConfiguration,
  renderConfigurationReference,
  renderNewConfiguration,
  watchConfiguration,
} from "./configuration.ts";
export type { ConfigurationProblem } from "./configuration-error.ts";
export { nodeNameFromHost, problemWithAgentId, problemWithNodeName } from "./names.ts";
export type * from "./node-configuration.ts";
export type { NodePaths, PathEnvironment } from "./paths.ts";
export { resolvePaths } from "./paths.ts";
export { makePrivateDirectory, readSecretFile, writeSecretFile } from "./secret-file.ts";
export type { ResolveSecretOptions, SecretValue } from "./secret-value.ts";
export { resolveSecret } from "./secret-value.ts";
export { ensureSocketDirectory } from "./socket-directory.ts";
export { nearest } from "./suggest.ts";

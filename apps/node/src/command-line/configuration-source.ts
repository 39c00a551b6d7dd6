import { homedir, hostname } from "node:os";
import type { ConfigurationSource, NodePaths } from "@clawmatrix/config";

/** The configuration file of this home, and what its defaults depend on. */
export function configurationSource({ configFile }: NodePaths): ConfigurationSource {
  return { file: configFile, homedir: homedir(), hostname: hostname() };
}

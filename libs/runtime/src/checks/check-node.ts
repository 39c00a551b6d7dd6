import type { NodeConfiguration, NodePaths } from "@clawmatrix/config";
import type { Clock } from "@clawmatrix/environment";
import type { Store } from "@clawmatrix/store";
import type { MeshStack } from "../mesh-stack.ts";
import { grantWarnings } from "../standing-warnings.ts";
import { checkAgents } from "./check-agents.ts";
import { checkCertificate } from "./check-certificate.ts";
import { checkHome, checkStore } from "./check-home.ts";
import { checkMesh } from "./check-mesh.ts";
import { type Finding, good, warning } from "./finding.ts";

export interface CheckNodeOptions {
  readonly paths: NodePaths;
  readonly store: Store;
  /** What was noticed while the store was opened. */
  readonly storeWarnings: readonly string[];
  readonly configuration: NodeConfiguration;
  /** What is not in effect of the configuration; empty: nothing. */
  readonly configurationWarning: string;
  /** That agents inherit. */
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly softwareVersion: string;
  readonly stack: MeshStack;
  /** What is wrong with this node's place in the mesh. */
  readonly standing: readonly string[];
}

/** Everything that can be wrong on a node that runs, looked at once. */
export async function* checkNode(options: CheckNodeOptions): AsyncGenerator<Finding> {
  const { paths, store, storeWarnings, configuration, env, clock } = options;
  yield* await checkHome(paths);
  yield checkStore(store, storeWarnings);
  yield* checkConfiguration(options);
  const { tls } = configuration.mesh;
  if (tls !== undefined) yield await checkCertificate(tls, clock.now());
  yield* await checkAgents(configuration.agents, env);
  yield* checkMesh({ ...options, now: clock.now() });
}

function checkConfiguration({ configuration, configurationWarning, paths }: CheckNodeOptions): Finding[] {
  const problems = [
    ...(configurationWarning === "" ? [] : [configurationWarning]),
    ...grantWarnings(configuration),
  ];
  if (problems.length === 0) return [good("configuration", `${paths.configFile} is in effect`)];
  return problems.map((problem) =>
    warning("configuration", problem, "Correct the file; it takes effect when it is saved."),
  );
}

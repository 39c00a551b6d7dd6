import {
  type ConfigurationSource,
  makePrivateDirectory,
  type NewConfiguration,
  type NodePaths,
  nodeNameFromHost,
  parseConfiguration,
  renderNewConfiguration,
  writeSecretFile,
} from "@clawmatrix/config";
import type { Clock, Random } from "@clawmatrix/environment";
import { Identity, MeshSecret, type NodeId } from "@clawmatrix/identity";
import { foundMesh, publicKeysOf } from "@clawmatrix/mesh";
import { requireFreshHome } from "./home-state.ts";
import { type MeshFile, renderMeshFile } from "./mesh-file.ts";

export interface CreateHomeOptions {
  readonly paths: NodePaths;
  readonly source: ConfigurationSource;
  readonly clock: Clock;
  readonly random: Random;
  /** Default: from the host's name. */
  readonly name?: string;
  /** HOST:PORT. Default: accept no peers. */
  readonly listen?: string;
}

export interface CreatedHome {
  readonly name: string;
  readonly nodeId: NodeId;
}

/** Makes a home with a new identity, which founds a new mesh. @throws StatusError "home-in-use", ConfigurationError. */
export async function createHome(options: CreateHomeOptions): Promise<CreatedHome> {
  const { clock, random, source, listen } = options;
  const name = options.name ?? nodeNameFromHost(source.hostname);
  const identity = Identity.generate(random);
  const secret = MeshSecret.generate(random);
  const { entry } = foundMesh(identity, secret, name, clock.now());
  const mesh: MeshFile = { secret, founder: publicKeysOf(identity), entries: [entry], admission: undefined };
  await writeHome(options, identity, mesh, { name, ...(listen === undefined ? {} : { listen }) });
  return { name, nodeId: identity.nodeId };
}

/** Writes the files of a home; the identity last, since it is what says that there is one. */
export async function writeHome(
  { paths, source }: Pick<CreateHomeOptions, "paths" | "source">,
  identity: Identity,
  mesh: MeshFile,
  values: NewConfiguration,
): Promise<void> {
  requireFreshHome(paths);
  const configuration = await renderNewConfiguration(values);
  // A wrong name or address is an error before anything is written.
  await parseConfiguration(configuration, source);
  for (const directory of paths.directories) await makePrivateDirectory(directory);
  await writeSecretFile(paths.configFile, configuration);
  await writeSecretFile(paths.meshFile, renderMeshFile(mesh));
  await writeSecretFile(paths.identityFile, identity.revealText());
}

import { homedir, hostname } from "node:os";
import { type NodePaths, resolvePaths } from "@clawmatrix/config";
import { silentLogger, systemClock, systemRandom } from "@clawmatrix/environment";
import { Identity, nodeIdToBytes, signParts } from "@clawmatrix/identity";
import { admit, Membership, meshOf } from "@clawmatrix/mesh";
import { NodeRecord, SignedRecord } from "@clawmatrix/protocol";
import { createHome, readHome } from "@clawmatrix/runtime";
import { openStore, type Store } from "@clawmatrix/store";

/** A new home in `directory`, of a node that founds its mesh. */
export async function newHome(directory: string): Promise<NodePaths> {
  const paths = resolvePaths({ CLAWMATRIX_HOME: directory }, process.platform, homedir());
  const source = { file: paths.configFile, homedir: homedir(), hostname: hostname() };
  await createHome({ paths, source, clock: systemClock, random: systemRandom, name: "bench" });
  return paths;
}

/** Admits so many nodes, and stores what gossip would have brought of them: each with links to four others. */
export async function storeNodes(paths: NodePaths, count: number): Promise<void> {
  const { identity, mesh } = await readHome(paths);
  const store = open(paths);
  const membership = new Membership({
    mesh: meshOf(mesh.secret, mesh.founder),
    entries: mesh.entries,
    keep: ({ id, bytes }) => void store.membershipEntries.put({ id: Buffer.from(id, "hex"), bytes }),
    logger: silentLogger,
  });
  const by = { identity, membership, clock: systemClock };
  const nodes = Array.from({ length: count }, () => Identity.generate(systemRandom));
  for (const [index, node] of nodes.entries()) {
    const { signing, agreement } = node;
    const keys = { signingKey: signing.publicKey, agreementKey: agreement.publicKey };
    admit(by, { keys, name: `node-${index}` });
    const linked = [-2, -1, 1, 2].map((away) => nodes[(index + away + count) % count] as Identity);
    const record = NodeRecord.encode({
      ...keys,
      version: 1n,
      bootId: systemRandom.bytes(16),
      name: `node-${index}`,
      softwareVersion: "0.3.0",
      labels: ["linux"],
      relays: true,
      links: linked.map(({ nodeId }) => ({ peer: nodeIdToBytes(nodeId), costUs: 1000 })),
      agents: [{ id: "coder", description: "An agent for this benchmark" }],
    });
    const signature = signParts(signing, "clawmatrix record 1", record);
    store.knownRecords.put({
      nodeId: nodeIdToBytes(node.nodeId),
      version: 1n,
      bytes: SignedRecord.encode({ record, signature }),
      lastSeenAt: systemClock.now(),
    });
  }
  store.close();
}

function open(paths: NodePaths): Store {
  return openStore({ file: paths.storeFile, clock: systemClock }).store;
}

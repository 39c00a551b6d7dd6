import type { Clock, LifeCycle, Logger, Random } from "@clawmatrix/environment";
import type { Identity } from "@clawmatrix/identity";
import { nodeIdToBytes } from "@clawmatrix/identity";
import {
  ChannelManager,
  Membership,
  MeshNode,
  type MeshNodeOptions,
  meshOf,
  type Transport,
} from "@clawmatrix/mesh";
import type { Store } from "@clawmatrix/store";
import type { MeshFile } from "./home/mesh-file.ts";

export interface MeshStackOptions {
  readonly identity: Identity;
  readonly mesh: MeshFile;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly transport: Transport;
  readonly description: MeshNodeOptions["description"];
  readonly listen?: MeshNodeOptions["listen"];
  readonly peers: readonly string[];
  readonly heartbeatMs?: MeshNodeOptions["heartbeatMs"];
}

const BOOT_ID_BYTES = 16;

/** A node's part in its mesh, from links to channels, without anything that it serves. What must outlive it goes to the store. */
export class MeshStack implements LifeCycle {
  readonly membership: Membership;
  readonly node: MeshNode;
  readonly channels: ChannelManager;

  constructor(options: MeshStackOptions) {
    const {
      identity,
      mesh,
      store,
      clock,
      random,
      logger,
      transport,
      description,
      listen,
      peers,
      heartbeatMs,
    } = options;
    this.membership = new Membership({
      mesh: meshOf(mesh.secret, mesh.founder),
      entries: [...mesh.entries, ...store.membershipEntries.list().map(({ bytes }) => bytes)],
      keep: ({ id, bytes }) => void store.membershipEntries.put({ id: Buffer.from(id, "hex"), bytes }),
      logger: logger.child({ part: "membership" }),
    });
    const bootId = random.bytes(BOOT_ID_BYTES);
    this.node = new MeshNode({
      identity,
      meshSecret: mesh.secret,
      clock,
      random,
      logger: logger.child({ part: "mesh" }),
      transport,
      membership: this.membership,
      description,
      bootId,
      listen,
      peers,
      heartbeatMs,
      records: store.knownRecords.list().map(({ bytes }) => bytes),
      onRecord: ({ nodeId, version, bytes }) =>
        void store.knownRecords.put({
          nodeId: nodeIdToBytes(nodeId),
          version,
          bytes,
          lastSeenAt: clock.now(),
        }),
      onForgotten: (nodeId) => void store.knownRecords.delete(nodeIdToBytes(nodeId)),
    });
    this.channels = new ChannelManager({
      carrier: this.node,
      identity,
      psk: mesh.secret.channelPsk(),
      hello: { bootId, name: description.name, softwareVersion: description.softwareVersion, features: [] },
      membership: this.membership,
      clock,
      random,
      logger: logger.child({ part: "channels" }),
      endOfTurn: (callback) => this.node.turn.soon(callback),
    });
  }

  async start(): Promise<void> {
    await this.channels.start();
    await this.node.start();
  }

  async stop(): Promise<void> {
    await this.channels.stop();
    await this.node.stop();
  }
}

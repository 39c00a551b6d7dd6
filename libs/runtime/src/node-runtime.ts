import {
  type ConfigurationSource,
  loadConfigurationAhead,
  type NodeConfiguration,
  type NodePaths,
} from "@clawmatrix/config";
import type { Clock, LifeCycle, Logger, Random } from "@clawmatrix/environment";
import { type Identity, type NodeId, nodeIdToBytes } from "@clawmatrix/identity";
import { type Certificate, WebSocketTransport } from "@clawmatrix/mesh";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { CallRouter } from "@clawmatrix/rpc";
import type { Store } from "@clawmatrix/store";
import { AdmissionSeeker } from "./admission-seeker.ts";
import type { OwnPrograms } from "./agent-settings.ts";
import { checkNode } from "./checks/check-node.ts";
import type { Finding } from "./checks/finding.ts";
import { forgetNode } from "./forget-node.ts";
import type { MeshFile } from "./home/mesh-file.ts";
import { watchCertificate } from "./link-certificate.ts";
import { type ConfigurationReload, LiveConfiguration } from "./live-configuration.ts";
import type { NodeControl } from "./local/local-service.ts";
import { LocalSocket } from "./local/local-socket.ts";
import { MeshStack } from "./mesh-stack.ts";
import { NodeServices } from "./node-services.ts";
import { ownAddresses } from "./own-addresses.ts";
import { addressWarnings, grantWarnings, standingWarnings } from "./standing-warnings.ts";
import { stopAfterTurns } from "./stop-after-turns.ts";
import { Upkeep } from "./upkeep.ts";

export interface NodeRuntimeOptions {
  readonly paths: NodePaths;
  readonly source: ConfigurationSource;
  readonly configuration: NodeConfiguration;
  readonly identity: Identity;
  readonly mesh: MeshFile;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly env: NodeJS.ProcessEnv;
  /** With which wss:// is served; undefined: ws:// is. */
  readonly certificate: Certificate | undefined;
  readonly version: string;
  readonly programs: OwnPrograms;
  /** What was noticed while the home was opened. */
  readonly warnings: readonly string[];
  /** Called when a client has asked the node to stop. */
  readonly onShutdown: () => void;
}

/** Once the start is over, which it would only make longer: milliseconds. */
const LOAD_AHEAD_MS = 2_000;

/** One node, assembled out of its parts. */
export class NodeRuntime implements LifeCycle, NodeControl {
  readonly #options: NodeRuntimeOptions;
  readonly #configuration: LiveConfiguration;
  readonly #transport: WebSocketTransport;
  readonly #stack: MeshStack;
  readonly #seeker: AdmissionSeeker;
  readonly #services: NodeServices;
  readonly #socket: LocalSocket;
  readonly #upkeep: Upkeep;
  #standing: readonly string[] = [];
  #takeBack: (() => void)[] = [];

  constructor(options: NodeRuntimeOptions) {
    const { source, configuration, identity, mesh, store, clock, random, logger, version } = options;
    this.#options = options;
    this.#configuration = new LiveConfiguration({
      source,
      configuration,
      clock,
      logger,
      onApplied: (changed) => this.#apply(changed),
      onRefused: () => this.#services.overview.notify(),
    });
    this.#transport = new WebSocketTransport({ certificate: options.certificate, env: options.env });
    this.#stack = new MeshStack({
      identity,
      mesh,
      store,
      clock,
      random,
      logger,
      transport: this.#transport,
      description: {
        name: configuration.name,
        softwareVersion: version,
        labels: configuration.labels,
        relays: configuration.mesh.relay,
      },
      listen: configuration.mesh.listen,
      peers: configuration.mesh.peers,
      heartbeatMs: configuration.mesh.heartbeatMs,
    });
    this.#seeker = new AdmissionSeeker({
      stack: this.#stack,
      identity,
      name: configuration.name,
      admission: mesh.admission,
      clock,
      random,
      logger: logger.child({ part: "admission" }),
    });
    this.#services = new NodeServices(options, {
      stack: this.#stack,
      control: this,
      configuration: () => this.#configuration.current,
      addresses: () => this.addresses,
      warnings: () => this.warnings,
      check: () => this.#check(),
    });
    const { server } = this.#services;
    const router = new CallRouter({ server, channels: this.#stack.channels, self: identity.nodeId });
    this.#socket = new LocalSocket({
      paths: options.paths,
      router,
      clock,
      logger: logger.child({ part: "socket" }),
    });
    this.#upkeep = new Upkeep({
      store,
      clock,
      logger,
      sessions: () => this.#configuration.current.sessions,
    });
  }

  get name(): string {
    return this.#configuration.current.name;
  }

  /** Where peers can dial this node: what is advertised, else where it listens. */
  get addresses(): readonly string[] {
    return ownAddresses(this.#configuration.current.mesh, this.#stack.node.listenAddress);
  }

  /** What a person should know: of the home, the configuration, the admission. */
  get warnings(): readonly string[] {
    const { current, warning } = this.#configuration;
    return [
      ...this.#options.warnings,
      ...(warning === "" ? [] : [warning]),
      ...standingWarnings(this.#stack, this.#seeker.state),
      ...grantWarnings(current),
      ...addressWarnings(current.mesh),
    ];
  }

  async start(): Promise<void> {
    const { clock, logger } = this.#options;
    const { node } = this.#stack;
    const { agents } = this.#services;
    this.#listen();
    await this.#stack.start();
    this.#standingChanged();
    node.updateOwn({ agents: this.#services.offers(), addresses: this.addresses });
    await agents.start();
    this.#seeker.start();
    this.#upkeep.start();
    this.#takeBack.push(
      watchCertificate({
        files: () => this.#configuration.current.mesh.tls,
        clock,
        logger,
        onChange: (certificate) => this.#transport.replaceCertificate(certificate),
      }),
    );
    await this.#configuration.start();
    // Last: who can connect finds a node that is ready.
    await this.#socket.start();
    this.#loadAhead();
  }

  /** An upgrade replaces the program under a node that runs, and with it what the node has not loaded yet. */
  #loadAhead(): void {
    const { clock, logger } = this.#options;
    const timer = clock.schedule(LOAD_AHEAD_MS, () => {
      Promise.all([this.#transport.loadAhead(), loadConfigurationAhead()]).catch((thrown: unknown) =>
        logger.warn("a part of the program could not be loaded", { error: StatusError.from(thrown).message }),
      );
    });
    this.#takeBack.push(() => timer.cancel());
  }

  async stop(): Promise<void> {
    const { agents, members, audit, server } = this.#services;
    this.#configuration.stop();
    this.#upkeep.stop();
    this.#seeker.stop();
    members.stop();
    for (const takeBack of this.#takeBack) takeBack();
    this.#takeBack = [];
    await agents.stop();
    await this.#stack.stop();
    server.stop();
    audit.stop();
    // Last: a client that waits for the end sees it when everything else has ended.
    await this.#socket.stop();
  }

  /** Takes no new work and waits for the turns that run, for `graceMs` milliseconds at most. Says how many are left. */
  async drain(graceMs: number): Promise<number> {
    return await this.#services.agents.drain(graceMs);
  }

  shutDown(graceMs: number): AsyncIterable<string> {
    return stopAfterTurns({ agents: this.#services.agents, graceMs, stop: this.#options.onShutdown });
  }

  reload(): Promise<ConfigurationReload> {
    return this.#configuration.reload();
  }

  forgetNode(id: Uint8Array): void {
    forgetNode(this.#stack.node, id);
  }

  /** What happens in one part and concerns another. */
  #listen(): void {
    const { membership, node, channels } = this.#stack;
    const { agents, members, overview, server } = this.#services;
    this.#takeBack = [
      channels.onChannel((channel) => server.attachPeer(channel, channel.peer)),
      node.onNodesChange(() => {
        members.othersChanged();
        this.#standingChanged();
      }),
      membership.onChange((nodeId) => this.#membershipChanged(nodeId)),
      members.onPendingChange(() => {
        node.updateOwn({ waiting: members.waiting.map((id) => nodeIdToBytes(id)) });
        overview.notify();
      }),
      this.#seeker.onChange(() => this.#standingChanged()),
      agents.offerChanges.listen(() => {
        node.updateOwn({ agents: this.#services.offers() });
        overview.notify();
      }),
    ];
  }

  #check(): AsyncIterable<Finding> {
    const { paths, store, warnings, env, version, clock } = this.#options;
    return checkNode({
      paths,
      store,
      storeWarnings: warnings,
      configuration: this.#configuration.current,
      configurationWarning: this.#configuration.warning,
      env,
      clock,
      softwareVersion: version,
      stack: this.#stack,
      standing: standingWarnings(this.#stack, this.#seeker.state),
    });
  }

  /** That this node is not let in, or was shut out, is said in its log as well. */
  #standingChanged(): void {
    const standing = standingWarnings(this.#stack, this.#seeker.state);
    for (const warning of standing) {
      if (!this.#standing.includes(warning)) this.#options.logger.warn(warning);
    }
    this.#standing = standing;
    this.#services.overview.notify();
  }

  #membershipChanged(nodeId: NodeId): void {
    if (!this.#stack.membership.isMember(nodeId)) this.#services.server.endCallsOf(nodeId, noMember());
    this.#standingChanged();
  }

  #apply(configuration: NodeConfiguration): void {
    const { name, labels } = configuration;
    this.#services.reconfigure(configuration);
    this.#stack.node.updateOwn({ name, labels, addresses: this.addresses, agents: this.#services.offers() });
    this.#stack.node.setPeers(configuration.mesh.peers);
    this.#services.overview.notify();
  }
}

function noMember(): StatusError {
  return new StatusError(StatusCode.PERMISSION_DENIED, "the calling node is no longer a member of the mesh", {
    reason: "not-a-member",
  });
}

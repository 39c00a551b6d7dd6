import { dirname, join } from "node:path";
import { AgentsService } from "@clawmatrix/agents";
import type {
  ConfigurationSource,
  ConfigurationWatch,
  NodeConfiguration,
  NodePaths,
} from "@clawmatrix/config";
import { watchConfiguration } from "@clawmatrix/config";
import { DiagnosticsService } from "@clawmatrix/diagnostics";
import type { Clock, LifeCycle, Logger, Random } from "@clawmatrix/environment";
import { type Identity, type NodeId, nodeIdFromBytes, nodeIdToBytes } from "@clawmatrix/identity";
import { MembersService } from "@clawmatrix/members";
import { type Certificate, WebSocketTransport } from "@clawmatrix/mesh";
import {
  type AgentOfferInit,
  AgentService,
  DiagnosticService,
  LocalService,
  MemberService,
  StatusCode,
  StatusError,
} from "@clawmatrix/protocol";
import { CallRouter, CallServer, ServiceRegistry } from "@clawmatrix/rpc";
import type { Store } from "@clawmatrix/store";
import { AdmissionSeeker } from "./admission-seeker.ts";
import { agentSettings, type OwnPrograms } from "./agent-settings.ts";
import { AuditTrail } from "./audit-trail.ts";
import { authorizeMethod } from "./authorize-method.ts";
import { checkNode } from "./checks/check-node.ts";
import type { Finding } from "./checks/finding.ts";
import { changedKeys, needsRestart } from "./configuration-change.ts";
import { describeCaller } from "./describe-caller.ts";
import { Grants } from "./grants.ts";
import type { MeshFile } from "./home/mesh-file.ts";
import { watchCertificate } from "./link-certificate.ts";
import { LocalControlService } from "./local/local-service.ts";
import { LocalSocket } from "./local/local-socket.ts";
import { MeshOverview } from "./mesh-overview.ts";
import { meshRoutes } from "./mesh-routes.ts";
import { MeshStack } from "./mesh-stack.ts";
import { otherNodes } from "./other-nodes.ts";
import { ownAddresses, relayAddresses } from "./own-addresses.ts";
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

/** One node, assembled out of its parts. */
export class NodeRuntime implements LifeCycle {
  readonly #options: NodeRuntimeOptions;
  readonly #started: number;
  readonly #transport: WebSocketTransport;
  readonly #stack: MeshStack;
  readonly #audit: AuditTrail;
  readonly #seeker: AdmissionSeeker;
  readonly #grants: Grants;
  readonly #agents: AgentsService;
  readonly #members: MembersService;
  readonly #overview: MeshOverview;
  readonly #server: CallServer;
  readonly #socket: LocalSocket;
  readonly #upkeep: Upkeep;
  #configuration: NodeConfiguration;
  #configurationWarning = "";
  #standing: readonly string[] = [];
  #watch: ConfigurationWatch | undefined;
  #takeBack: (() => void)[] = [];

  constructor(options: NodeRuntimeOptions) {
    const { configuration, identity, mesh, store, clock, random, logger, version } = options;
    this.#options = options;
    this.#configuration = configuration;
    this.#started = clock.monotonic();
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
    const { membership, channels } = this.#stack;
    this.#seeker = new AdmissionSeeker({
      stack: this.#stack,
      identity,
      name: configuration.name,
      admission: mesh.admission,
      clock,
      random,
      logger: logger.child({ part: "admission" }),
    });
    this.#audit = new AuditTrail({
      log: store.auditLog,
      clock,
      logger: logger.child({ part: "audit" }),
      nameOf: (nodeId) => this.#nameOf(nodeId),
    });
    this.#grants = new Grants(configuration.grants, (nodeId) => this.#describe(nodeId as NodeId));
    this.#agents = new AgentsService({
      clock,
      random,
      logger: logger.child({ part: "agents" }),
      nodeId: identity.nodeId,
      nodeIdBytes: (nodeId) => nodeIdToBytes(nodeId as NodeId),
      nodeName: (nodeId) => this.#nameOf(nodeId),
      env: options.env,
      home: options.source.homedir,
      softwareVersion: version,
      agents: this.#agentSettings(configuration),
      processFile: join(dirname(options.paths.storeFile), "agent-processes.json"),
      eventLog: store.sessionEvents,
      sessionStore: store.sessions,
      grants: this.#grants,
      maxLive: configuration.sessions.maxLive,
      waitMs: configuration.permissions.waitMs,
    });
    this.#members = new MembersService({
      membership,
      identity,
      secret: mesh.secret,
      clock,
      random,
      logger: logger.child({ part: "members" }),
      addressOf: (node) => this.#stack.node.neighbours().find(({ id }) => id === node)?.address,
      ownAddresses: () => [...this.addresses, ...relayAddresses(this.#stack)],
      others: otherNodes(this.#stack, { clock, random }),
    });
    this.#overview = new MeshOverview({
      stack: this.#stack,
      name: () => this.#configuration.name,
      softwareVersion: version,
      uptimeMs: () => clock.monotonic() - this.#started,
      agents: () => this.#offers(),
      labels: () => this.#configuration.labels,
      sessions: () => this.#agents.liveSessions,
      pendingMembers: () => this.#members.pendingCount,
      warnings: () => this.warnings,
      addresses: () => this.addresses,
    });
    const registry = new ServiceRegistry()
      .serve(AgentService, this.#agents)
      .serve(MemberService, this.#members)
      .serve(
        DiagnosticService,
        new DiagnosticsService({
          clock,
          source: this.#overview,
          routes: meshRoutes(this.#stack, { clock, random }),
          audit: this.#audit,
          check: () => this.#check(),
          logFile: options.paths.logFile,
        }),
      )
      .serve(LocalService, new LocalControlService(this));
    this.#server = new CallServer({
      registry,
      self: identity.nodeId,
      clock,
      random,
      logger: logger.child({ part: "calls" }),
      isMember: (node) => membership.isMember(node),
      isOperator: (node) => membership.isOperator(node),
      authorize: (caller, method) =>
        authorizeMethod(caller, method, { grants: this.#grants, audit: this.#audit }),
      onSettled: (call) => this.#audit.settled(call),
      executedCalls: store.executedCalls,
    });
    const router = new CallRouter({ server: this.#server, channels, self: identity.nodeId });
    this.#socket = new LocalSocket({
      paths: options.paths,
      router,
      clock,
      logger: logger.child({ part: "socket" }),
    });
    this.#upkeep = new Upkeep({ store, clock, logger, sessions: () => this.#configuration.sessions });
  }

  get name(): string {
    return this.#configuration.name;
  }

  /** Where peers can dial this node: what is advertised, else where it listens. */
  get addresses(): readonly string[] {
    return ownAddresses(this.#configuration.mesh, this.#stack.node.listenAddress);
  }

  /** What a person should know: of the home, the configuration, the admission. */
  get warnings(): readonly string[] {
    const { warnings } = this.#options;
    return [
      ...warnings,
      ...(this.#configurationWarning === "" ? [] : [this.#configurationWarning]),
      ...standingWarnings(this.#stack, this.#seeker.state),
      ...grantWarnings(this.#configuration),
      ...addressWarnings(this.#configuration.mesh),
    ];
  }

  async start(): Promise<void> {
    const { source, clock, logger } = this.#options;
    const { membership, node, channels } = this.#stack;
    const notify = (): void => this.#overview.notify();
    this.#takeBack = [
      channels.onChannel((channel) => this.#server.attachPeer(channel, channel.peer)),
      node.onNodesChange(() => {
        this.#members.othersChanged();
        this.#standingChanged();
      }),
      membership.onChange((nodeId) => this.#membershipChanged(nodeId)),
      this.#members.onPendingChange(() => {
        node.updateOwn({ waiting: this.#members.waiting.map((id) => nodeIdToBytes(id)) });
        notify();
      }),
      this.#seeker.onChange(() => this.#standingChanged()),
      this.#agents.offerChanges.listen(() => {
        node.updateOwn({ agents: this.#offers() });
        notify();
      }),
    ];
    await this.#stack.start();
    this.#standingChanged();
    node.updateOwn({ agents: this.#offers(), addresses: this.addresses });
    await this.#agents.start();
    this.#seeker.start();
    this.#upkeep.start();
    this.#takeBack.push(
      watchCertificate({
        files: () => this.#configuration.mesh.tls,
        clock,
        logger,
        onChange: (certificate) => this.#transport.replaceCertificate(certificate),
      }),
    );
    this.#watch = await watchConfiguration({
      source,
      current: this.#configuration,
      clock,
      logger,
      onChange: (configuration) => this.#apply(configuration),
      onError: (error) => this.#refuse(error),
    });
    // Last: who can connect finds a node that is ready.
    await this.#socket.start();
  }

  async stop(): Promise<void> {
    this.#watch?.stop();
    this.#upkeep.stop();
    this.#seeker.stop();
    this.#members.stop();
    for (const takeBack of this.#takeBack) takeBack();
    this.#takeBack = [];
    await this.#agents.stop();
    await this.#stack.stop();
    this.#audit.stop();
    // Last: a client that waits for the end sees it when everything else has ended.
    await this.#socket.stop();
  }

  /** Takes no new work and waits for the turns that run, for `graceMs` milliseconds at most. Says how many are left. */
  async drain(graceMs: number): Promise<number> {
    return await this.#agents.drain(graceMs);
  }

  shutDown(graceMs: number): AsyncIterable<string> {
    return stopAfterTurns({ agents: this.#agents, graceMs, stop: this.#options.onShutdown });
  }

  async reload(): Promise<{ changed: readonly string[]; restartNeeded: readonly string[] }> {
    const before = this.#configuration;
    const { readConfiguration } = await import("@clawmatrix/config");
    const configuration = await readConfiguration(this.#options.source);
    this.#apply(configuration);
    return {
      changed: changedKeys(before, configuration),
      restartNeeded: needsRestart(before, configuration),
    };
  }

  forgetNode(id: Uint8Array): void {
    const node = this.#stack.node.node(nodeIdFromBytes(id));
    if (node === undefined)
      throw new StatusError(StatusCode.NOT_FOUND, "this node is not known", { reason: "unknown-node" });
    if (node.reach !== "unreachable") {
      throw new StatusError(
        StatusCode.FAILED_PRECONDITION,
        `${node.record.name} is there; only a node that is away can be forgotten`,
        {
          reason: "node-is-there",
          hint: "To shut a node out for good, revoke it: `clawmatrix members revoke`.",
        },
      );
    }
    this.#stack.node.forgetNode(node.id);
  }

  #check(): AsyncIterable<Finding> {
    const { paths, store, warnings, env, version, clock } = this.#options;
    return checkNode({
      paths,
      store,
      storeWarnings: warnings,
      configuration: this.#configuration,
      configurationWarning: this.#configurationWarning,
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
    this.#overview.notify();
  }

  #membershipChanged(nodeId: NodeId): void {
    if (!this.#stack.membership.isMember(nodeId)) this.#server.endCallsOf(nodeId, noMember());
    this.#standingChanged();
  }

  #apply(configuration: NodeConfiguration): void {
    const before = this.#configuration;
    const restart = needsRestart(before, configuration);
    this.#configuration = configuration;
    this.#configurationWarning =
      restart.length === 0
        ? ""
        : `${restart.join(", ")} changed in the configuration and takes effect at the next start`;
    this.#agents.reconfigure(this.#agentSettings(configuration), {
      maxLive: configuration.sessions.maxLive,
      waitMs: configuration.permissions.waitMs,
    });
    this.#grants.replace(configuration.grants);
    const { name, labels } = configuration;
    this.#stack.node.updateOwn({ name, labels, addresses: this.addresses, agents: this.#offers() });
    this.#stack.node.setPeers(configuration.mesh.peers);
    this.#options.logger.info("the configuration was taken over", {
      changed: changedKeys(before, configuration).join(", "),
    });
    this.#overview.notify();
  }

  #refuse(error: Error): void {
    this.#configurationWarning = `the configuration that was saved is not used: ${error.message}`;
    this.#options.logger.warn("the configuration was not taken over", { error: error.message });
    this.#overview.notify();
  }

  #agentSettings(configuration: NodeConfiguration) {
    const { clock, env, programs } = this.#options;
    return configuration.agents.map((agent) => agentSettings(agent, clock, env, programs));
  }

  #offers(): AgentOfferInit[] {
    return this.#agents.offers().map(({ id, description, tags, state, sessions, why }) => ({
      id,
      description,
      tags: [...tags],
      sessions,
      state,
      why,
    }));
  }

  #describe(nodeId: NodeId) {
    return describeCaller(nodeId, {
      members: this.#stack.membership.members(),
      trustedLabels: this.#configuration.trustedLabels,
      ownLabels: (node) => this.#stack.node.node(node)?.record.labels ?? [],
    });
  }

  #nameOf(nodeId: string): string {
    if (nodeId === this.#stack.node.nodeId) return this.#configuration.name;
    return this.#stack.node.node(nodeId as NodeId)?.record.name ?? "";
  }
}

function noMember(): StatusError {
  return new StatusError(StatusCode.PERMISSION_DENIED, "the calling node is no longer a member of the mesh", {
    reason: "not-a-member",
  });
}

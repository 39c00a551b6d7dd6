import { dirname, join } from "node:path";
import { AgentsService } from "@clawmatrix/agents";
import type { NodeConfiguration } from "@clawmatrix/config";
import { DiagnosticsService } from "@clawmatrix/diagnostics";
import { type NodeId, nodeIdToBytes } from "@clawmatrix/identity";
import { MembersService } from "@clawmatrix/members";
import {
  type AgentOfferInit,
  AgentService,
  DiagnosticService,
  LocalService,
  MemberService,
} from "@clawmatrix/protocol";
import { CallServer, ServiceRegistry } from "@clawmatrix/rpc";
import type { StoredSessions } from "@clawmatrix/stored-sessions";
import { agentSettings } from "./agent-settings.ts";
import { AuditTrail } from "./audit-trail.ts";
import { authorizeMethod } from "./authorize-method.ts";
import type { Finding } from "./checks/finding.ts";
import { describeCaller } from "./describe-caller.ts";
import { Grants } from "./grants.ts";
import { LocalControlService, type NodeControl } from "./local/local-service.ts";
import { MeshOverview } from "./mesh-overview.ts";
import { meshRoutes } from "./mesh-routes.ts";
import type { MeshStack } from "./mesh-stack.ts";
import type { NodeRuntimeOptions } from "./node-runtime.ts";
import { otherNodes } from "./other-nodes.ts";
import { relayAddresses } from "./own-addresses.ts";
import { storedSessions } from "./stored-sessions.ts";

/** What the services need of the node around them. */
export interface NodeSurroundings {
  readonly stack: MeshStack;
  readonly control: NodeControl;
  readonly configuration: () => NodeConfiguration;
  /** Where peers can dial this node. */
  readonly addresses: () => readonly string[];
  /** What a person should know. */
  readonly warnings: () => readonly string[];
  readonly check: () => AsyncIterable<Finding>;
}

/** Everything that a node serves, and who may call it. */
export class NodeServices {
  readonly agents: AgentsService;
  readonly members: MembersService;
  readonly overview: MeshOverview;
  readonly audit: AuditTrail;
  readonly server: CallServer;
  readonly #options: NodeRuntimeOptions;
  readonly #around: NodeSurroundings;
  readonly #grants: Grants;
  readonly #stored: StoredSessions;

  constructor(options: NodeRuntimeOptions, around: NodeSurroundings) {
    const { identity, mesh, store, clock, random, logger, version } = options;
    const { stack, configuration } = around;
    const { membership } = stack;
    const started = clock.monotonic();
    this.#options = options;
    this.#around = around;
    this.audit = new AuditTrail({
      log: store.auditLog,
      clock,
      logger: logger.child({ part: "audit" }),
      nameOf: (nodeId) => this.#nameOf(nodeId),
    });
    this.#grants = new Grants(configuration().grants, (nodeId) => this.#describe(nodeId as NodeId));
    this.#stored = storedSessions({
      nodeId: identity.nodeId,
      clock,
      logger: logger.child({ part: "stored-sessions" }),
      env: options.env,
      home: options.source.homedir,
      configuration,
    });
    this.agents = new AgentsService({
      clock,
      random,
      logger: logger.child({ part: "agents" }),
      nodeId: identity.nodeId,
      nodeIdBytes: (nodeId) => nodeIdToBytes(nodeId as NodeId),
      nodeName: (nodeId) => this.#nameOf(nodeId),
      env: options.env,
      home: options.source.homedir,
      softwareVersion: version,
      agents: this.#agentSettings(configuration()),
      processFile: join(dirname(options.paths.storeFile), "agent-processes.json"),
      eventLog: store.sessionEvents,
      sessionStore: store.sessions,
      programSessions: this.#stored,
      asksAgentsForSessions: () => configuration().sessions.stored.includes("agents"),
      grants: this.#grants,
      maxLive: configuration().sessions.maxLive,
      waitMs: configuration().permissions.waitMs,
    });
    this.members = new MembersService({
      membership,
      identity,
      secret: mesh.secret,
      clock,
      random,
      logger: logger.child({ part: "members" }),
      addressOf: (node) => stack.node.neighbours().find(({ id }) => id === node)?.address,
      ownAddresses: () => [...around.addresses(), ...relayAddresses(stack)],
      others: otherNodes(stack, { clock, random }),
    });
    this.overview = new MeshOverview({
      stack,
      name: () => configuration().name,
      softwareVersion: version,
      uptimeMs: () => clock.monotonic() - started,
      agents: () => this.offers(),
      labels: () => configuration().labels,
      sessions: () => this.agents.liveSessions,
      pendingMembers: () => this.members.pendingCount,
      warnings: around.warnings,
      addresses: around.addresses,
    });
    this.server = new CallServer({
      registry: this.#registry(),
      self: identity.nodeId,
      clock,
      random,
      logger: logger.child({ part: "calls" }),
      isMember: (node) => membership.isMember(node),
      isOperator: (node) => membership.isOperator(node),
      authorize: (caller, method) =>
        authorizeMethod(caller, method, { grants: this.#grants, audit: this.audit }),
      onSettled: (call) => this.audit.settled(call),
      executedCalls: store.executedCalls,
    });
  }

  /** Takes over what a new configuration says of services. */
  reconfigure(configuration: NodeConfiguration): void {
    this.#stored.changed();
    this.agents.reconfigure(this.#agentSettings(configuration), {
      maxLive: configuration.sessions.maxLive,
      waitMs: configuration.permissions.waitMs,
    });
    this.#grants.replace(configuration.grants);
  }

  /** What this node's record says of its agents. */
  offers(): AgentOfferInit[] {
    return this.agents.offers().map(({ id, description, tags, state, sessions, why }) => ({
      id,
      description,
      tags: [...tags],
      sessions,
      state,
      why,
    }));
  }

  #registry(): ServiceRegistry {
    const { clock, random, paths } = this.#options;
    const { stack, control, check } = this.#around;
    const diagnostics = new DiagnosticsService({
      clock,
      source: this.overview,
      routes: meshRoutes(stack, { clock, random }),
      audit: this.audit,
      check,
      logFile: paths.logFile,
    });
    return new ServiceRegistry()
      .serve(AgentService, this.agents)
      .serve(MemberService, this.members)
      .serve(DiagnosticService, diagnostics)
      .serve(LocalService, new LocalControlService(control));
  }

  #agentSettings(configuration: NodeConfiguration) {
    const { clock, env, programs, paths } = this.#options;
    const stateDirectory = join(dirname(paths.storeFile), "conversations");
    return configuration.agents.map((agent) =>
      agentSettings(agent, { clock, env, programs, stateDirectory }),
    );
  }

  #describe(nodeId: NodeId) {
    const { stack, configuration } = this.#around;
    return describeCaller(nodeId, {
      members: stack.membership.members(),
      trustedLabels: configuration().trustedLabels,
      ownLabels: (node) => stack.node.node(node)?.record.labels ?? [],
    });
  }

  #nameOf(nodeId: string): string {
    const { stack, configuration } = this.#around;
    if (nodeId === stack.node.nodeId) return configuration().name;
    return stack.node.node(nodeId as NodeId)?.record.name ?? "";
  }
}

import { AgentFleet } from "../agent-fleet.ts";
import { InputDesk } from "../inputs/input-desk.ts";
import { LocalClient } from "../local-client/local-client.ts";
import { AgentListings } from "../outside/agent-listings.ts";
import { OutsideSessions } from "../outside/outside-sessions.ts";
import { servesLocally } from "../process/client-capabilities.ts";
import type { LaunchEnvironment } from "../process/launch-agent.ts";
import { ProcessLedger } from "../process/process-ledger.ts";
import { MemoryEventLog } from "../sessions/memory-event-log.ts";
import { MemorySessionStore } from "../sessions/memory-session-store.ts";
import type { SessionEnvironment } from "../sessions/session-environment.ts";
import { SessionOpener } from "../sessions/session-opener.ts";
import { SessionRegistry } from "../sessions/session-registry.ts";
import type { StoredSession } from "../sessions/session-store.ts";
import { type AgentsServiceOptions, DEFAULT_WAIT_MS } from "./agents-service-options.ts";
import { CallerRights, DEFAULT_AGENT_GRANTS } from "./caller-rights.ts";

/** What the service of agents is made of. */
export interface ServiceParts {
  readonly desk: InputDesk;
  readonly ledger: ProcessLedger;
  readonly launch: LaunchEnvironment;
  readonly fleet: AgentFleet;
  readonly environment: SessionEnvironment;
  readonly registry: SessionRegistry;
  readonly opener: SessionOpener;
  readonly rights: CallerRights;
  readonly listings: AgentListings;
  readonly outside: OutsideSessions;
}

export interface ServicePartsHost {
  /** Live sessions that this node may have now. */
  readonly maxLive: () => number;
  /** Something that offers show may have changed. */
  readonly onChange: () => void;
}

export function buildServiceParts(options: AgentsServiceOptions, host: ServicePartsHost): ServiceParts {
  const { clock, random, logger, nodeId, nodeIdBytes, env, home, softwareVersion } = options;
  const desk = new InputDesk({ clock, random, waitMs: options.waitMs ?? DEFAULT_WAIT_MS });
  const ledger = new ProcessLedger({ file: options.processFile, random, logger });
  const launch: LaunchEnvironment = { clock, logger, env, softwareVersion, ledger };
  const localClient = (session: StoredSession): LocalClient => {
    const { directories = [], serve = [] } = fleet.settings(session.agentId) ?? {};
    const client = Buffer.from(session.clientCapabilitiesJson);
    const serving = serve.filter((kind) => servesLocally(client, serve, kind));
    return new LocalClient({ serving, directories, home, cwd: session.cwd, env, clock, ledger });
  };
  const environment: SessionEnvironment = {
    clock,
    random,
    logger,
    nodeId,
    nodeIdBytes,
    log: options.eventLog ?? new MemoryEventLog(),
    store: options.sessionStore ?? new MemorySessionStore(),
    desk,
    localClient,
    permissions: ({ agentId, cwd }) => {
      const { permission: policy = "ask", permissionRules: rules = [] } = fleet.settings(agentId) ?? {};
      return { policy, rules, home, cwd };
    },
    parkTimeoutMs: (agentId) => fleet.settings(agentId)?.timeoutMs ?? 0,
    continueSession: async (session, signal) => {
      await opener.resume(session, { say: () => undefined, signal });
    },
    onChange: () => {
      registry.places.changed();
      host.onChange();
    },
    onUnused: (session) => registry.forgetUnused(session),
  };
  const registry = new SessionRegistry(environment, () => ({
    maxLive: host.maxLive(),
    maxLiveOf: (agentId) => fleet.settings(agentId)?.maxSessions ?? 0,
  }));
  const liveOf = (agentId: string): number => registry.live.filter((s) => s.agentId === agentId).length;
  const fleet = new AgentFleet(launch, liveOf, host.onChange);
  const opener = new SessionOpener({
    clock,
    random,
    logger,
    nodeId,
    home,
    registry,
    pool: (agentId) => fleet.pool(agentId),
  });
  const rights = new CallerRights({
    nodeId,
    nodeIdBytes,
    nodeName: options.nodeName ?? (() => ""),
    grants: options.grants ?? DEFAULT_AGENT_GRANTS,
  });
  const listings = new AgentListings({ clock, logger, nodeId });
  const outside = new OutsideSessions({
    nodeId,
    fleet,
    registry,
    listings,
    programs: options.programSessions,
    asksAgents: options.asksAgentsForSessions ?? (() => false),
  });
  return { listings, outside, rights, desk, ledger, launch, fleet, environment, registry, opener };
}

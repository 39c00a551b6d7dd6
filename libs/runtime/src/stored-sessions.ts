import { outsideSessionId } from "@clawmatrix/agents";
import type { NodeConfiguration } from "@clawmatrix/config";
import type { Clock, Logger } from "@clawmatrix/environment";
import { type ProgramName, StoredSessions } from "@clawmatrix/stored-sessions";

export interface NodeStoredSessionsOptions {
  readonly nodeId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly configuration: () => NodeConfiguration;
}

/** The sessions that other programs keep for the node's user, as far as the configuration allows it now. */
export function storedSessions({
  nodeId,
  configuration,
  ...options
}: NodeStoredSessionsOptions): StoredSessions {
  return new StoredSessions({
    ...options,
    idOf: (source, key) => outsideSessionId(nodeId, source, key),
    programs: () =>
      new Set(configuration().sessions.stored.filter((name): name is ProgramName => name !== "agents")),
  });
}

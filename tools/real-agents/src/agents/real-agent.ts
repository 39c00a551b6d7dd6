/** How an agent is started: what goes into `command` and `env` of an `[[agents]]` table. */
export interface AgentLaunch {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What an agent needs to talk to the scripted model. */
interface AgentPlace {
  /** The agent's entry point, a JavaScript file. */
  readonly entry: string;
  /** An empty directory that is the agent's own, for its settings and what it remembers. */
  readonly settingsDirectory: string;
  /** The scripted model, without a path: `http://127.0.0.1:PORT`. */
  readonly modelOrigin: string;
}

/** An agent as it is published, and what makes it use the scripted model and ask before it runs commands. */
export interface RealAgent {
  /** Its id in our configuration, as in `codex@server`. */
  readonly id: string;
  readonly package: string;
  /** Exact: the checks hold for this version. */
  readonly version: string;
  readonly bin: string;
  /**
   * The package with the agent's program for this platform starts with this name. npm takes it as optional
   * and says nothing when it is missing, so the installer looks for it.
   */
  readonly nativePackage: string;
  /** Writes the agent's settings and says how to start it. */
  prepare(place: AgentPlace): Promise<AgentLaunch>;
}

import {
  type AgentConnection,
  agent,
  type ClientCapabilities,
  type Implementation,
  type InitializeResponse,
  methods,
  PROTOCOL_VERSION,
  type Stream,
} from "@agentclientprotocol/sdk";
import type { Clock, Random } from "@clawmatrix/environment";
import { messageOf } from "./failures.ts";
import { RunningCommands } from "./running-commands.ts";
import type { SessionStore } from "./session-store.ts";
import { Sessions } from "./sessions.ts";

export interface DemoAgentOptions {
  readonly stream: Stream;
  readonly clock: Clock;
  readonly random: Random;
  readonly store: SessionStore;
  /** Ends the process at once, after `message` was written to standard error. Does not return. */
  readonly crash: (message: string) => never;
  /** Where what went wrong, but concerns no request, is said: standard error. */
  readonly warn: (message: string) => void;
}

export interface DemoAgent {
  /** Resolves when the client is gone. */
  readonly closed: Promise<void>;
  /** Cancels all turns and resolves when they have ended, their commands killed. */
  stop(): Promise<void>;
  /** Kills all running commands at once: the last thing that a process does. */
  killCommands(): void;
}

const AGENT_INFO: Implementation = { name: "demo", title: "ClawMatrix demo agent", version: "0.3.0" };

/** Serves one ACP client: the embedded agent `demo`, which has no model and no network and follows plain commands. */
export function serveDemoAgent(options: DemoAgentOptions): DemoAgent {
  const { clock, random, store, crash, warn } = options;
  const commands = new RunningCommands();
  let capabilities: ClientCapabilities = {};
  let sessions: Sessions;

  /** After the answer: a client knows a session's id only from then on. */
  const announceLater = (sessionId: string): void => {
    clock.schedule(0, () => {
      sessions
        .announceCommands(sessionId)
        .catch((error) => warn(`commands not announced: ${messageOf(error)}`));
    });
  };

  const app = agent({ name: AGENT_INFO.name })
    .onConnect(({ client }) => {
      const surroundings = { clock, client, commands, crash, clientCapabilities: () => capabilities };
      sessions = new Sessions({ surroundings, store, random, warn });
    })
    .onRequest(methods.agent.initialize, ({ params }) => {
      capabilities = params.clientCapabilities ?? {};
      return initializeResponse();
    })
    .onRequest(methods.agent.authenticate, () => ({}))
    .onRequest(methods.agent.session.new, async ({ params }) => {
      const session = await sessions.create(params.cwd);
      announceLater(session.id);
      return { sessionId: session.id, ...session.settings };
    })
    .onRequest(methods.agent.session.load, async ({ params }) => {
      const session = await sessions.load(params.sessionId, params.cwd);
      announceLater(session.id);
      return session.settings;
    })
    .onRequest(methods.agent.session.resume, async ({ params }) => {
      const session = await sessions.reopen(params.sessionId, params.cwd);
      announceLater(session.id);
      return session.settings;
    })
    .onRequest(methods.agent.session.list, ({ params }) => sessions.list(params))
    .onRequest(methods.agent.session.close, async ({ params }) => {
      await sessions.close(params.sessionId);
      return {};
    })
    .onRequest(methods.agent.session.delete, async ({ params }) => {
      await sessions.delete(params.sessionId);
      return {};
    })
    .onRequest(methods.agent.session.setMode, async ({ params }) => {
      await sessions.setMode(params.sessionId, params.modeId);
      return {};
    })
    .onRequest(methods.agent.session.setConfigOption, async ({ params }) => {
      const session = await sessions.setConfigOption(params.sessionId, params.configId, params.value);
      return { configOptions: session.settings.configOptions };
    })
    .onRequest(methods.agent.session.prompt, ({ params, signal }) =>
      sessions.prompt(params.sessionId, params.prompt, signal),
    )
    .onNotification(methods.agent.session.cancel, ({ params }) => sessions.cancel(params.sessionId));

  const connection: AgentConnection = app.connect(options.stream);
  return {
    closed: connection.closed,
    stop: () => sessions.closeAll(),
    killCommands: () => commands.killAll(),
  };
}

function initializeResponse(): InitializeResponse {
  return {
    protocolVersion: PROTOCOL_VERSION,
    agentInfo: AGENT_INFO,
    agentCapabilities: {
      loadSession: true,
      promptCapabilities: { image: true, audio: true, embeddedContext: true },
      mcpCapabilities: {},
      sessionCapabilities: { list: {}, resume: {}, close: {}, delete: {} },
    },
    authMethods: [],
  };
}

import {
  type AgentConnection,
  type AgentContext,
  agent,
  type Implementation,
  type InitializeResponse,
  methods,
  PROTOCOL_VERSION,
  RequestError,
  type Stream,
} from "@agentclientprotocol/sdk";
import type { Clock, Random } from "@clawmatrix/environment";
import { CHECK_METHOD, checkEndpoint } from "./check-endpoint.ts";
import { ConversationStore } from "./conversation-store.ts";
import { Conversations, refusalOf } from "./conversations.ts";
import { Endpoint } from "./endpoint.ts";
import type { HttpAgentIntroduction } from "./introduction.ts";
import { readIntroduction } from "./read-introduction.ts";

export interface HttpAgentOptions {
  readonly stream: Stream;
  readonly clock: Clock;
  readonly random: Random;
  /** Where what went wrong, but concerns no request, is said: standard error. */
  readonly warn: (message: string) => void;
}

export interface HttpAgent {
  /** Resolves when the client is gone. */
  readonly closed: Promise<void>;
  /** Ends all requests to the endpoint and resolves when what was said is kept. */
  stop(): Promise<void>;
}

interface Serving {
  readonly introduction: HttpAgentIntroduction;
  readonly endpoint: Endpoint;
  readonly conversations: Conversations;
}

const AGENT_INFO: Implementation = {
  name: "http",
  title: "ClawMatrix agent for chat completions",
  version: "0.3.0",
};

/** Serves one ACP client: an endpoint with OpenAI's chat completions as an agent whose conversations outlive its process. */
export function serveHttpAgent({ stream, clock, random, warn }: HttpAgentOptions): HttpAgent {
  let client: AgentContext;
  let serving: Serving | undefined;
  const served = (): Serving => {
    if (serving !== undefined) return serving;
    throw RequestError.invalidRequest(undefined, "initialize comes first");
  };

  const begin = (meta: unknown): void => {
    let introduction: HttpAgentIntroduction;
    try {
      introduction = readIntroduction(meta);
    } catch (error) {
      throw RequestError.invalidParams(undefined, error instanceof Error ? error.message : String(error));
    }
    const endpoint = new Endpoint(introduction, clock);
    const store = new ConversationStore(introduction.stateDirectory);
    const conversations = new Conversations({ endpoint, store, client, clock, random, warn });
    serving = { introduction, endpoint, conversations };
  };

  const app = agent({ name: AGENT_INFO.name })
    .onConnect((context) => {
      client = context.client;
    })
    .onRequest(methods.agent.initialize, ({ params }) => {
      begin(params._meta);
      return initializeResponse();
    })
    .onRequest(methods.agent.session.new, async ({ params }) => ({
      sessionId: await served().conversations.create(params.cwd),
    }))
    .onRequest(methods.agent.session.load, async ({ params }) => {
      await served().conversations.load(params.sessionId, params.cwd);
      return {};
    })
    .onRequest(methods.agent.session.resume, async ({ params }) => {
      await served().conversations.reopen(params.sessionId, params.cwd);
      return {};
    })
    .onRequest(methods.agent.session.close, async ({ params }) => {
      await served().conversations.close(params.sessionId);
      return {};
    })
    .onRequest(methods.agent.session.delete, async ({ params }) => {
      await served().conversations.delete(params.sessionId);
      return {};
    })
    .onRequest(methods.agent.session.prompt, ({ params, signal }) =>
      served().conversations.prompt(params.sessionId, params.prompt, signal),
    )
    .onNotification(methods.agent.session.cancel, ({ params }) =>
      served().conversations.cancel(params.sessionId),
    )
    .onRequest(
      CHECK_METHOD,
      (params: unknown) => params,
      async ({ signal }) => {
        const { endpoint, introduction } = served();
        return await checkEndpoint(endpoint, introduction, signal).catch((error: unknown) => {
          throw refusalOf(error);
        });
      },
    );

  const connection: AgentConnection = app.connect(stream);
  return {
    closed: connection.closed,
    async stop() {
      await serving?.conversations.closeAll();
    },
  };
}

function initializeResponse(): InitializeResponse {
  return {
    protocolVersion: PROTOCOL_VERSION,
    agentInfo: AGENT_INFO,
    agentCapabilities: {
      loadSession: true,
      promptCapabilities: { image: true, audio: false, embeddedContext: true },
      mcpCapabilities: {},
      sessionCapabilities: { resume: {}, close: {}, delete: {} },
    },
    authMethods: [],
  };
}

import { nodeIdFromBytes } from "@clawmatrix/identity";
import {
  type AgentOfferInit,
  type AgentServiceClient,
  type CallOptions,
  type DiagnosticServiceClient,
  MeshStatus,
  NodeReach,
  type NodeStatusInit,
  PermissionAnswer,
  type PermissionAnswerInit,
  SessionInfo,
  type SessionInfoInit,
  type SessionOpened,
  SessionOpening,
  SessionSource,
  SessionState,
  StatusCode,
  StatusError,
} from "@clawmatrix/protocol";
import type { NodeLink } from "../data/node-link.ts";
import { readJson } from "../state/transcript/acp-json.ts";
import { FakeSession } from "./fake-session.ts";
import { Feed } from "./feed.ts";

const ID_BYTES = 16;

/** The id of a node in tests: the name, filled up. */
export function idBytes(name: string): Uint8Array {
  const bytes = new Uint8Array(ID_BYTES);
  new TextEncoder().encodeInto(name, bytes);
  return bytes;
}

/** A mesh in memory, seen from the node `laptop`: speaks the services' own interfaces, and does what the test says. */
export class FakeMesh {
  readonly sessions = new Map<string, FakeSession>();
  readonly answers: PermissionAnswer[] = [];
  readonly cancelled: string[] = [];
  /** What was set of sessions, by "mode" or the option's id. */
  readonly settings: Record<string, unknown>[] = [];
  readonly closed: string[] = [];
  readonly opened: { readonly agentId: string; readonly cwd: string; readonly node: string }[] = [];
  /** Set: connecting fails with it. */
  refuses: StatusError | undefined;
  /** Called for a prompt, with its session: what the agent does. */
  onPrompt: (session: FakeSession, text: string) => void = () => undefined;
  /** Called once a stored session was taken up: what its agent tells of it. */
  onTakenUp: (session: FakeSession) => void = () => undefined;
  /** Called for an answer. */
  onAnswer: (answer: PermissionAnswer) => void = () => undefined;
  /** Waits before a new session is ready, having said that the agent is starting. */
  starting: Promise<void> | undefined;
  readonly #nodes = new Map<string, NodeStatusInit>();
  readonly #agents: AgentOfferInit[] = [];
  #status = new Feed<MeshStatus>();
  #closeLinks = new Set<() => void>();

  constructor() {
    this.setNode("relay", { reach: NodeReach.DIRECT, hops: 1, rttMs: 3 });
    this.setNode("server", {
      reach: NodeReach.RELAYED,
      via: idBytes("relay"),
      viaName: "relay",
      hops: 2,
      rttMs: 12,
      agents: [{ id: "demo", description: "shows what the protocol carries" }],
    });
  }

  /** What the local node says of another one from now on. */
  setNode(name: string, status: NodeStatusInit): void {
    this.#nodes.set(name, {
      name,
      id: idBytes(name),
      softwareVersion: "0.3.0",
      ...this.#nodes.get(name),
      ...status,
    });
    this.#status.push(this.#current());
  }

  addSession(info: SessionInfoInit & { readonly id: string; readonly node?: Uint8Array }): FakeSession {
    const session = new FakeSession(
      SessionInfo.decode(
        SessionInfo.encode({
          agentId: "demo",
          node: idBytes("server"),
          cwd: "/home/me/src/api",
          source: SessionSource.LIVE,
          state: SessionState.IDLE,
          createdAtUnixMs: BigInt(Date.now()),
          updatedAtUnixMs: BigInt(Date.now()),
          ...info,
        }),
      ),
    );
    this.sessions.set(info.id, session);
    return session;
  }

  /** The connection to the local node breaks. */
  breakLinks(): void {
    const status = this.#status;
    this.#status = new Feed<MeshStatus>();
    status.fail(new StatusError(StatusCode.UNAVAILABLE, "the connection broke"));
    for (const session of this.sessions.values()) session.breakWatches();
    for (const close of this.#closeLinks) close();
    this.#closeLinks.clear();
  }

  readonly connect = async (): Promise<NodeLink> => {
    if (this.refuses !== undefined) throw this.refuses;
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    this.#closeLinks.add(resolve);
    this.#status.push(this.#current());
    return {
      agents: (target) => this.#agentClient(target ?? ""),
      diagnostics: () => this.#diagnosticClient(),
      closed,
      close: async () => resolve(),
    };
  };

  #current(): MeshStatus {
    const status = {
      id: idBytes("laptop"),
      name: "laptop",
      softwareVersion: "0.3.0",
      nodes: [...this.#nodes.values()],
      agents: this.#agents,
    };
    return MeshStatus.decode(MeshStatus.encode(status));
  }

  #diagnosticClient(): DiagnosticServiceClient {
    const feed = this.#status;
    const client: Pick<DiagnosticServiceClient, "watchStatus"> = {
      watchStatus: async function* (_request, options) {
        yield* feed.from(0, options?.signal, (status) => ({
          $typeName: "clawmatrix.v1.WatchStatusResponse",
          status,
        }));
      },
    };
    return client as DiagnosticServiceClient;
  }

  #agentClient(target: string): AgentServiceClient {
    const mesh = this;
    const find = (id: string): FakeSession => {
      const session = this.sessions.get(id);
      if (session === undefined) throw new StatusError(StatusCode.NOT_FOUND, `there is no session ${id}`);
      return session;
    };
    const client: Partial<AgentServiceClient> = {
      listSessions: async () => ({
        $typeName: "clawmatrix.v1.ListSessionsResponse",
        sessions: [...this.sessions.values()]
          .map(({ info }) => info)
          .filter(({ node }) => nodeIdFromBytes(node) === target),
        nextCursor: "",
        stale: false,
      }),
      async *openSession({ agentId = "", cwd = "", kind }) {
        const $typeName = "clawmatrix.v1.OpenSessionResponse";
        if (kind?.case === "resumeSessionId") {
          const session = find(kind.value);
          session.takenUp();
          mesh.onTakenUp(session);
          yield { $typeName, event: { case: "opened", value: openedSession(session) } };
          return;
        }
        yield { $typeName, event: { case: "progress", value: `starting ${agentId}` } };
        await mesh.starting;
        if (agentId === "broken") {
          throw new StatusError(StatusCode.UNAVAILABLE, "broken ended at once with code 127", {
            hint: "Is it installed there?",
          });
        }
        mesh.opened.push({ agentId, cwd, node: target });
        const { info } = mesh.addSession({
          id: `opened-${mesh.opened.length}`,
          agentId,
          ...(cwd !== "" && { cwd }),
        });
        yield {
          $typeName,
          event: { case: "opened", value: openedSession({ info }) },
        };
      },
      watch: ({ sessionId = "", sinceSeq = 0 }, options) => find(sessionId).watch(sinceSeq, options?.signal),
      prompt: (requests, options) => this.#prompt(find, requests, options),
      answer: async ({ answer = {} }) => {
        const read = readAnswer(answer);
        this.answers.push(read);
        this.onAnswer(read);
        return { $typeName: "clawmatrix.v1.AnswerResponse" };
      },
      cancel: async ({ sessionId = "" }) => {
        this.cancelled.push(sessionId);
        return { $typeName: "clawmatrix.v1.CancelResponse", wasRunning: true };
      },
      setMode: async ({ modeId = "" }) => {
        this.settings.push({ mode: modeId });
        return { $typeName: "clawmatrix.v1.SetModeResponse", responseJson: new Uint8Array() };
      },
      setConfigOption: async ({ configId = "", valueJson = new Uint8Array() }) => {
        this.settings.push({ [configId]: readJson(valueJson) });
        return { $typeName: "clawmatrix.v1.SetConfigOptionResponse", responseJson: new Uint8Array() };
      },
      closeSession: async ({ sessionId = "" }) => {
        this.closed.push(sessionId);
        find(sessionId).change({ state: SessionState.CLOSED });
        return { $typeName: "clawmatrix.v1.CloseSessionResponse" };
      },
    };
    return client as AgentServiceClient;
  }

  async *#prompt(
    find: (id: string) => FakeSession,
    requests: Parameters<AgentServiceClient["prompt"]>[0],
    options: CallOptions | undefined,
  ): ReturnType<AgentServiceClient["prompt"]> {
    for await (const { message } of requests) {
      if (message?.case !== "start") continue;
      const session = find(message.value.sessionId ?? "");
      const [{ text }] = JSON.parse(new TextDecoder().decode(message.value.promptJson)) as [{ text: string }];
      const since = session.lastSeq;
      session.startTurn(text);
      this.onPrompt(session, text);
      for await (const event of session.events(since, options?.signal)) {
        yield { $typeName: "clawmatrix.v1.PromptResponse", message: { case: "event", value: event } };
        if (event.body.case === "turnEnded" || event.body.case === "turnFailed") return;
      }
    }
  }
}

function openedSession({ info }: Pick<FakeSession, "info">): SessionOpened {
  return {
    $typeName: "clawmatrix.v1.SessionOpened",
    session: info,
    responseJson: new Uint8Array(),
    opening: SessionOpening.NEW,
  };
}

function readAnswer(answer: PermissionAnswerInit): PermissionAnswer {
  return PermissionAnswer.decode(PermissionAnswer.encode(answer));
}

import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { silentLogger, systemClock, systemRandom } from "@clawmatrix/environment";
import {
  AgentService,
  type CallContext,
  type Caller,
  type MethodType,
  OpenSessionRequest,
  type OpenSessionRequestInit,
  PromptRequest,
  type PromptRequestInit,
  type PromptResponseInit,
  type SessionEventInit,
  type SessionOpenedInit,
  WatchRequest,
  type WatchRequestInit,
  type WatchResponseInit,
} from "@clawmatrix/protocol";
import { onTestFinished } from "vitest";
import {
  type AgentSettings,
  AgentsService,
  type AgentsServiceOptions,
  DEFAULT_AGENT_SETTINGS,
} from "../src/index.ts";

export const NODE = "server";
/** A client of the node itself. */
export const LOCAL: Caller = { nodeId: NODE, clientId: "cli", local: true, member: true };
/** A member of the mesh. */
export const LAPTOP: Caller = { nodeId: "laptop", clientId: "tui", local: false, member: true };
export const OFFICE: Caller = { nodeId: "office", clientId: "tui", local: false, member: true };

const SCRIPTED_AGENT = fileURLToPath(new URL("fixtures/scripted-agent.mjs", import.meta.url));
const DEMO_AGENT = fileURLToPath(new URL("../src/demo-agent/main.ts", import.meta.url));

export function context(caller: Caller = LOCAL, signal = new AbortController().signal): CallContext {
  const method: MethodType = AgentService.methods.prompt as MethodType;
  return { caller, method, callId: new Uint8Array(16), signal };
}

/** Settings of an agent that runs `test/fixtures/scripted-agent.mjs` with this script. */
export function scripted(script = "{}", settings: Partial<AgentSettings> = {}): AgentSettings {
  return agent([process.execPath, SCRIPTED_AGENT, script], settings);
}

export function demo(settings: Partial<AgentSettings> = {}): AgentSettings {
  return agent([process.execPath, DEMO_AGENT], settings);
}

export function agent(command: readonly string[], settings: Partial<AgentSettings> = {}): AgentSettings {
  return {
    ...DEFAULT_AGENT_SETTINGS,
    id: "coder",
    command,
    directories: [tmpdir()],
    timeoutMs: 5_000,
    ...settings,
  };
}

/** A service with these agents, stopped when the test has ended. */
export async function serve(
  agents: readonly AgentSettings[],
  options: Partial<AgentsServiceOptions> = {},
): Promise<AgentsService> {
  const service = await startService(agents, options);
  onTestFinished(() => service.stop());
  return service;
}

/** A service with these agents, for several tests; whoever starts it stops it. */
export async function startService(
  agents: readonly AgentSettings[],
  options: Partial<AgentsServiceOptions> = {},
): Promise<AgentsService> {
  const service = new AgentsService({
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    nodeId: NODE,
    nodeIdBytes: (nodeId) => createHash("sha256").update(nodeId).digest().subarray(0, 16),
    nodeName: (nodeId) => `the ${nodeId}`,
    env: process.env,
    home: homedir(),
    softwareVersion: "0.0.0",
    agents,
    ...options,
  });
  await service.start();
  return service;
}

export async function temporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "clawmatrix-agents-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

export interface Opening extends SessionOpenedInit {
  readonly id: string;
  readonly progress: readonly string[];
}

export async function open(
  service: AgentsService,
  request: OpenSessionRequestInit = {},
  call: CallContext = context(),
): Promise<Opening> {
  const progress: string[] = [];
  const filled = { agentId: "coder", kind: { case: "newSession", value: {} }, ...request } as const;
  for await (const { event } of service.openSession(
    OpenSessionRequest.decode(OpenSessionRequest.encode(filled)),
    call,
  )) {
    if (event?.case === "progress") progress.push(event.value);
    if (event?.case === "opened") return { ...event.value, id: event.value.session?.id ?? "", progress };
  }
  throw new Error("the call ended without the session");
}

type EventCase = NonNullable<NonNullable<SessionEventInit["body"]>["case"]>;
type BodyOf<Case extends EventCase> = Extract<SessionEventInit["body"], { readonly case: Case }>;

/** One end of a Prompt call: messages in by `send`, messages out by `next`. */
export class PromptCall implements AsyncIterable<PromptRequest> {
  readonly responses: PromptResponseInit[] = [];
  readonly #incoming: PromptRequest[] = [];
  readonly #output: AsyncIterator<PromptResponseInit>;
  readonly #abort = new AbortController();
  #wake: () => void = () => undefined;
  #closed = false;

  constructor(service: AgentsService, caller: Caller = LOCAL) {
    this.#output = service.prompt(this, context(caller, this.#abort.signal))[Symbol.asyncIterator]();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<PromptRequest> {
    for (;;) {
      const next = this.#incoming.shift();
      if (next !== undefined) yield next;
      else if (this.#closed) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  send(message: PromptRequestInit["message"]): this {
    this.#incoming.push(PromptRequest.decode(PromptRequest.encode({ message })));
    this.#wake();
    return this;
  }

  prompt(sessionId: string, text: string, more: object = {}): this {
    const promptJson = Buffer.from(JSON.stringify([{ type: "text", text }]));
    return this.send({ case: "start", value: { sessionId, promptJson, ...more } });
  }

  /** No more messages will be sent. */
  halfClose(): this {
    this.#closed = true;
    this.#wake();
    return this;
  }

  /** The client has gone. */
  async goAway(): Promise<void> {
    this.#abort.abort();
    this.halfClose();
    await this.#output.return?.();
  }

  /** Reads on until a message that `wanted` takes. */
  async until(wanted: (message: PromptResponseInit) => boolean): Promise<PromptResponseInit> {
    for (;;) {
      const next = await this.#output.next();
      if (next.done) throw new Error("the call has ended");
      this.responses.push(next.value);
      if (wanted(next.value)) return next.value;
    }
  }

  async event<Case extends EventCase>(wanted: Case): Promise<BodyOf<Case>> {
    const found = await this.until((response) => eventOf(response)?.body?.case === wanted);
    return eventOf(found)?.body as unknown as BodyOf<Case>;
  }

  /** Reads to the end. */
  async rest(): Promise<SessionEventInit[]> {
    for (let next = await this.#output.next(); !next.done; next = await this.#output.next()) {
      this.responses.push(next.value);
    }
    return this.responses.flatMap((response) => eventOf(response) ?? []);
  }
}

export function eventOf({ message }: PromptResponseInit): SessionEventInit | undefined {
  return message?.case === "event" ? message.value : undefined;
}

/** One turn from its prompt to its end: the events of it. */
export async function turn(
  service: AgentsService,
  sessionId: string,
  text: string,
  more: object = {},
  caller: Caller = LOCAL,
): Promise<SessionEventInit[]> {
  return await new PromptCall(service, caller).prompt(sessionId, text, more).halfClose().rest();
}

export async function* watching(
  service: AgentsService,
  request: WatchRequestInit,
  call: CallContext = context(),
): AsyncGenerator<WatchResponseInit> {
  yield* service.watch(WatchRequest.decode(WatchRequest.encode(request)), call);
}

/** What is kept of a session. */
export async function transcript(
  service: AgentsService,
  sessionId: string,
  sinceSeq = 0,
): Promise<SessionEventInit[]> {
  const events: SessionEventInit[] = [];
  for await (const { message } of watching(service, { sessionId, sinceSeq, noFollow: true })) {
    if (message?.case === "event") events.push(message.value);
  }
  return events;
}

export function kinds(events: readonly SessionEventInit[]): string[] {
  return events.map((event) => event.body?.case ?? "none");
}

export function updates(events: readonly SessionEventInit[]): Record<string, unknown>[] {
  return events.flatMap(({ body }) => (body?.case === "updateJson" ? [parse(body.value)] : []));
}

/** What the agent said in these events. */
export function text(events: readonly SessionEventInit[]): string {
  return updates(events)
    .filter((update) => update.sessionUpdate === "agent_message_chunk")
    .map((update) => (update.content as { text?: string }).text ?? "")
    .join("");
}

export function parse(json: Uint8Array | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(json ?? []).toString());
}

export function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** What the first event of this kind says. */
export function bodyOf<Case extends EventCase>(
  events: readonly SessionEventInit[],
  wanted: Case,
): BodyOf<Case>["value"] {
  const found = events.find((event) => event.body?.case === wanted);
  if (found === undefined) throw new Error(`no event ${wanted} among: ${kinds(events).join(", ")}`);
  return (found.body as unknown as { value: BodyOf<Case>["value"] }).value;
}

import { stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import {
  type AgentContext,
  type ContentBlock,
  methods,
  RequestError,
  type SessionUpdate,
} from "@agentclientprotocol/sdk";
import type { Clock, Random } from "@clawmatrix/environment";
import { Conversation } from "./conversation.ts";
import type { ConversationStore } from "./conversation-store.ts";
import type { Endpoint } from "./endpoint.ts";
import { EndpointFailure } from "./endpoint-failure.ts";
import { type AnsweredPrompt, runTurn } from "./run-turn.ts";

/** Sessions open at a time in one process. Closed ones are in the store. */
const MAX_OPEN = 1_000;
/** How long the end of a turn waits for what the endpoint says of its model, in milliseconds: usage is worth no more. */
const CONTEXT_WAIT_MS = 500;
/** Random bytes of a session's id. */
const ID_BYTES = 16;

export interface ConversationsOptions {
  readonly endpoint: Endpoint;
  readonly store: ConversationStore;
  readonly client: AgentContext;
  readonly clock: Clock;
  readonly random: Random;
  /** Where what went wrong, but concerns no request, is said. */
  readonly warn: (message: string) => void;
}

interface OpenConversation {
  readonly conversation: Conversation;
  turn?: { readonly stop: AbortController; readonly done: Promise<unknown> };
}

/** The sessions of one process: what ACP's session methods do. All errors are `RequestError`s. */
export class Conversations {
  readonly #options: ConversationsOptions;
  readonly #open = new Map<string, OpenConversation>();
  readonly #end = new AbortController();
  /** Tokens that the model takes, from the endpoint's list; undefined until it was asked for that. */
  #context: Promise<number> | undefined;

  constructor(options: ConversationsOptions) {
    this.#options = options;
  }

  async create(cwd: string): Promise<string> {
    await requireDirectory(cwd);
    const { random, clock } = this.#options;
    const id = `chat-${Buffer.from(random.bytes(ID_BYTES)).toString("hex")}`;
    await this.#admit(new Conversation(id, cwd, clock.now()), { isNew: true });
    return id;
  }

  /** Opens a session again, in the directory now given. One that is open stays as it is. */
  async reopen(id: string, cwd: string): Promise<Conversation> {
    const open = this.#open.get(id);
    if (open !== undefined) return open.conversation;
    await requireDirectory(cwd);
    const { store, clock } = this.#options;
    const stored = await store.load(id).catch((error: unknown) => {
      throw RequestError.internalError({ sessionId: id }, messageOf(error));
    });
    if (stored === undefined) throw RequestError.sessionNotFound(id);
    return await this.#admit(new Conversation(id, cwd, clock.now(), stored), { isNew: false });
  }

  /** Opens a session again, and shows the client all that was said in it. */
  async load(id: string, cwd: string): Promise<void> {
    const conversation = await this.reopen(id, cwd);
    for (const update of conversation.replay()) await this.#tell(id, update);
  }

  /** Runs one turn to its end. One at a time per session; different sessions do not wait for each other. */
  async prompt(id: string, prompt: readonly ContentBlock[], signal: AbortSignal): Promise<AnsweredPrompt> {
    const open = this.#require(id);
    if (open.turn !== undefined)
      throw RequestError.invalidRequest(
        { sessionId: id },
        "a turn is running in this session; wait for its end, or cancel it",
      );
    const stop = new AbortController();
    const answer = this.#answer(open, prompt, AbortSignal.any([signal, stop.signal]));
    // Whoever closes the session waits for this, and learns nothing from it; the answer goes to who asked.
    open.turn = { stop, done: answer.catch(() => undefined) };
    return await answer;
  }

  cancel(id: string): void {
    this.#open.get(id)?.turn?.stop.abort();
  }

  /** Ends what runs in the session, and forgets it here; it stays in the store. */
  async close(id: string): Promise<void> {
    const { turn } = this.#require(id);
    turn?.stop.abort();
    await turn?.done;
    this.#open.delete(id);
  }

  async delete(id: string): Promise<void> {
    if (this.#open.has(id)) await this.close(id);
    await this.#options.store.delete(id);
  }

  async closeAll(): Promise<void> {
    this.#end.abort();
    await Promise.all([...this.#open.keys()].map((id) => this.close(id)));
  }

  async #answer(
    open: OpenConversation,
    prompt: readonly ContentBlock[],
    signal: AbortSignal,
  ): Promise<AnsweredPrompt> {
    const { endpoint, clock } = this.#options;
    const { conversation } = open;
    try {
      return await runTurn({
        conversation,
        prompt,
        endpoint,
        contextTokens: () => this.#knownContext(),
        tell: (update) => this.#tell(conversation.id, update),
        now: () => clock.now(),
        signal,
      });
    } catch (error) {
      throw refusalOf(error);
    } finally {
      await this.#save(conversation);
      delete open.turn;
    }
  }

  async #admit(conversation: Conversation, { isNew }: { isNew: boolean }): Promise<Conversation> {
    // Another request may have opened it while the store was read.
    const open = this.#open.get(conversation.id);
    if (open !== undefined) return open.conversation;
    if (this.#open.size >= MAX_OPEN)
      throw RequestError.invalidRequest(
        undefined,
        `${MAX_OPEN} sessions are open, which is the limit; close one`,
      );
    this.#open.set(conversation.id, { conversation });
    this.#learnContext();
    if (isNew) await this.#save(conversation);
    return conversation;
  }

  /** Once, and beside everything else. */
  #learnContext(): void {
    const { endpoint } = this.#options;
    this.#context ??= endpoint.models(this.#end.signal).then(
      (models = []) => models.find(({ id }) => id === endpoint.model)?.contextTokens ?? 0,
      () => {
        // The prompt meets the same failure, and says it. The next session asks again.
        this.#context = undefined;
        return 0;
      },
    );
  }

  async #knownContext(): Promise<number> {
    const late = Promise.withResolvers<number>();
    const timer = this.#options.clock.schedule(CONTEXT_WAIT_MS, () => late.resolve(0));
    const known = await Promise.race([this.#context ?? 0, late.promise]);
    timer.cancel();
    return known;
  }

  async #tell(sessionId: string, update: SessionUpdate): Promise<void> {
    await this.#options.client.notify(methods.client.session.update, { sessionId, update });
  }

  #require(id: string): OpenConversation {
    const open = this.#open.get(id);
    if (open === undefined) throw RequestError.sessionNotFound(id);
    return open;
  }

  /** A session that cannot be stored goes on: what is lost is only its resumption after a restart. */
  async #save(conversation: Conversation): Promise<void> {
    const { store, warn } = this.#options;
    await store
      .save(conversation.stored)
      .catch((error: unknown) => warn(`session ${conversation.id} could not be stored: ${messageOf(error)}`));
  }
}

/** How a failure of the endpoint is told to the client. */
export function refusalOf(error: unknown): unknown {
  if (!(error instanceof EndpointFailure)) return error;
  const { kind, message } = error;
  return new RequestError(kind === "key" ? AUTH_REQUIRED : INTERNAL_ERROR, message, { kind });
}

/** ACP's code for what needs a key or a login. */
const AUTH_REQUIRED = -32000;
/** JSON-RPC's code for what is not the client's fault. */
const INTERNAL_ERROR = -32603;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function requireDirectory(cwd: string): Promise<void> {
  const status = isAbsolute(cwd) ? await stat(cwd).catch(() => undefined) : undefined;
  if (status?.isDirectory() === true) return;
  throw RequestError.invalidParams(
    { cwd },
    "cwd has to be the absolute path of a directory that exists here",
  );
}

import { stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import type {
  ContentBlock,
  ListSessionsRequest,
  ListSessionsResponse,
  PromptResponse,
  SessionId,
} from "@agentclientprotocol/sdk";
import { methods, RequestError } from "@agentclientprotocol/sdk";
import type { Random } from "@clawmatrix/environment";
import { answerPrompt } from "./answer-prompt.ts";
import { availableCommands } from "./commands/catalogue.ts";
import { withConfigValue } from "./config-options.ts";
import { messageOf } from "./failures.ts";
import { isModeId } from "./modes.ts";
import { Session, sessionInfo } from "./session.ts";
import type { SessionStore } from "./session-store.ts";
import { type Surroundings, Turn } from "./turn.ts";

/** Sessions open at a time in one process. Closed ones are in the store. */
const MAX_OPEN_SESSIONS = 100;
/** Rows of one page of `session/list`. */
const PAGE_SIZE = 50;
/** Random bytes of a session's id. */
const ID_BYTES = 16;

export interface SessionsOptions {
  readonly surroundings: Surroundings;
  readonly store: SessionStore;
  readonly random: Random;
  /** Where what went wrong, but concerns no request, is said. */
  readonly warn: (message: string) => void;
}

interface OpenSession {
  readonly session: Session;
  turn?: { readonly turn: Turn; readonly done: Promise<unknown> };
}

/** The sessions of one process: what ACP's session methods do. All errors are `RequestError`s. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #open = new Map<SessionId, OpenSession>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  async create(cwd: string): Promise<Session> {
    await requireDirectory(cwd);
    const id = `demo-${Buffer.from(this.#options.random.bytes(ID_BYTES)).toString("hex")}`;
    const session = new Session(id, cwd, this.#options.surroundings.clock);
    this.#admit(session);
    await this.#save(session);
    return session;
  }

  /** Opens a session again, in the directory now given. One that is open stays as it is. */
  async reopen(id: SessionId, cwd: string): Promise<Session> {
    const open = this.#open.get(id);
    if (open !== undefined) return open.session;
    await requireDirectory(cwd);
    const stored = await this.#options.store.load(id).catch((error: unknown) => {
      throw RequestError.internalError({ sessionId: id }, messageOf(error));
    });
    if (stored === undefined) throw RequestError.sessionNotFound(id);
    // Another request may have opened it while the store was read.
    const session =
      this.#open.get(id)?.session ?? new Session(id, cwd, this.#options.surroundings.clock, stored);
    this.#admit(session);
    return session;
  }

  /** Opens a session again, and shows the client all that was said in it. */
  async load(id: SessionId, cwd: string): Promise<Session> {
    if (this.#open.get(id)?.turn !== undefined) throw busy(id);
    const session = await this.reopen(id, cwd);
    for (const update of session.replay()) {
      await this.#options.surroundings.client.notify(methods.client.session.update, {
        sessionId: id,
        update,
      });
    }
    return session;
  }

  async list({ cwd, cursor }: ListSessionsRequest): Promise<ListSessionsResponse> {
    const from = cursor == null ? 0 : Number(cursor);
    if (!Number.isSafeInteger(from) || from < 0) {
      throw RequestError.invalidParams({ cursor }, "the cursor is none that this agent gave out");
    }
    const heads = (await this.#options.store.list()).filter((head) => cwd == null || head.cwd === cwd);
    const page = heads.slice(from, from + PAGE_SIZE);
    const next = from + page.length;
    return { sessions: page.map(sessionInfo), ...(next < heads.length && { nextCursor: String(next) }) };
  }

  /** Runs one turn to its end. One at a time per session; different sessions do not wait for each other. */
  async prompt(id: SessionId, blocks: readonly ContentBlock[], signal: AbortSignal): Promise<PromptResponse> {
    const open = this.#require(id);
    if (open.turn !== undefined) throw busy(id);
    const turn = new Turn(open.session, this.#options.surroundings);
    const cancel = (): void => turn.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    const answer = this.#answer(open, blocks, turn).finally(() =>
      signal.removeEventListener("abort", cancel),
    );
    // Whoever closes the session waits for this, and learns nothing from it; the answer goes to who asked.
    open.turn = { turn, done: answer.catch(() => undefined) };
    return await answer;
  }

  async #answer(open: OpenSession, blocks: readonly ContentBlock[], turn: Turn): Promise<PromptResponse> {
    try {
      return await answerPrompt(blocks, turn);
    } finally {
      await this.#save(open.session);
      delete open.turn;
    }
  }

  cancel(id: SessionId): void {
    this.#open.get(id)?.turn?.turn.cancel();
  }

  /** Ends what runs in the session, and forgets it here; it stays in the store. */
  async close(id: SessionId): Promise<void> {
    const { turn } = this.#require(id);
    turn?.turn.cancel();
    await turn?.done;
    this.#open.delete(id);
  }

  async delete(id: SessionId): Promise<void> {
    if (this.#open.has(id)) await this.close(id);
    await this.#options.store.delete(id);
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((id) => this.close(id)));
  }

  async setMode(id: SessionId, modeId: string): Promise<void> {
    const { session } = this.#require(id);
    if (!isModeId(modeId)) throw RequestError.invalidParams({ modeId }, `there is no mode ${modeId}`);
    session.modeId = modeId;
    await this.#options.surroundings.client.notify(methods.client.session.update, {
      sessionId: id,
      update: { sessionUpdate: "current_mode_update", currentModeId: modeId },
    });
    await this.#save(session);
  }

  async setConfigOption(id: SessionId, configId: string, value: unknown): Promise<Session> {
    const { session } = this.#require(id);
    const changed = withConfigValue(session.config, configId, value);
    if (changed === undefined) {
      throw RequestError.invalidParams({ configId, value }, `there is no option ${configId} with that value`);
    }
    session.config = changed;
    await this.#save(session);
    return session;
  }

  /** Tells the client the session's commands. */
  async announceCommands(id: SessionId): Promise<void> {
    await this.#options.surroundings.client.notify(methods.client.session.update, {
      sessionId: id,
      update: { sessionUpdate: "available_commands_update", availableCommands: availableCommands() },
    });
  }

  #require(id: SessionId): OpenSession {
    const open = this.#open.get(id);
    if (open === undefined) throw RequestError.sessionNotFound(id);
    return open;
  }

  #admit(session: Session): void {
    if (this.#open.has(session.id)) return;
    if (this.#open.size >= MAX_OPEN_SESSIONS) {
      throw RequestError.invalidRequest(
        undefined,
        `${MAX_OPEN_SESSIONS} sessions are open, which is the limit; close one`,
      );
    }
    this.#open.set(session.id, { session });
  }

  /** A session that cannot be stored goes on: what is lost is only its resumption after a restart. */
  async #save(session: Session): Promise<void> {
    try {
      await this.#options.store.save(session.state);
    } catch (error) {
      this.#options.warn(`session ${session.id} could not be stored: ${messageOf(error)}`);
    }
  }
}

function busy(id: SessionId): RequestError {
  return RequestError.invalidRequest(
    { sessionId: id },
    "a turn is running in this session; wait for its end, or cancel it",
  );
}

async function requireDirectory(cwd: string): Promise<void> {
  const status = isAbsolute(cwd) ? await stat(cwd).catch(() => undefined) : undefined;
  if (status?.isDirectory() !== true) {
    throw RequestError.invalidParams(
      { cwd },
      "cwd has to be the absolute path of a directory that exists here",
    );
  }
}

import type { AgentContext, ClientCapabilities, SessionUpdate } from "@agentclientprotocol/sdk";
import { methods } from "@agentclientprotocol/sdk";
import type { Clock } from "@clawmatrix/environment";
import { PACE_MS } from "./config-options.ts";
import { TurnCancelled } from "./failures.ts";
import type { RunningCommands } from "./running-commands.ts";
import type { Session } from "./session.ts";
import { type WorkspaceFiles, workspaceFiles } from "./workspace-files.ts";

/** What all turns of this process share. */
export interface Surroundings {
  readonly clock: Clock;
  readonly client: AgentContext;
  readonly clientCapabilities: () => ClientCapabilities;
  readonly commands: RunningCommands;
  /** Ends the process at once, after `message` was written to standard error. Does not return. */
  readonly crash: (message: string) => never;
}

/** One prompt and its answer: what a command has at hand to answer with. */
export class Turn {
  readonly session: Session;
  readonly surroundings: Surroundings;
  readonly files: WorkspaceFiles;
  readonly #controller = new AbortController();
  #toolCalls = 0;

  constructor(session: Session, surroundings: Surroundings) {
    this.session = session;
    this.surroundings = surroundings;
    this.files = workspaceFiles(surroundings.client, session.id, surroundings.clientCapabilities());
  }

  /** Aborted when the turn is cancelled. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  cancel(): void {
    this.#controller.abort();
  }

  /** Throws `TurnCancelled` once the turn is cancelled. */
  throwIfCancelled(): void {
    if (this.signal.aborted) throw new TurnCancelled();
  }

  /** A piece of the answer. Resolves when it is written, so that a slow reader slows the command down. */
  async say(text: string): Promise<void> {
    this.throwIfCancelled();
    this.session.outputCharacters += text.length;
    await this.update({
      sessionUpdate: "agent_message_chunk",
      messageId: `turn-${this.session.turns}`,
      content: { type: "text", text },
    });
  }

  /** A piece of a thought. */
  async think(text: string): Promise<void> {
    this.throwIfCancelled();
    this.session.outputCharacters += text.length;
    await this.update({
      sessionUpdate: "agent_thought_chunk",
      messageId: `turn-${this.session.turns}-thought`,
      content: { type: "text", text },
    });
  }

  /** Any other update. Is sent, and recorded, also after the turn was cancelled: a tool call still has to end. */
  async update(update: SessionUpdate): Promise<void> {
    this.session.transcript.record(update);
    await this.surroundings.client.notify(methods.client.session.update, {
      sessionId: this.session.id,
      update,
    });
  }

  /** Waits as long as the session's pace says. Throws `TurnCancelled` at once when the turn is cancelled. */
  async pause(): Promise<void> {
    this.throwIfCancelled();
    await new Promise<void>((settle) => {
      const done = (): void => {
        timer.cancel();
        this.signal.removeEventListener("abort", done);
        settle();
      };
      const delayMs = PACE_MS[this.session.config.pace];
      const timer = this.surroundings.clock.schedule(delayMs, done, { keepAlive: true });
      this.signal.addEventListener("abort", done, { once: true });
    });
    this.throwIfCancelled();
  }

  /** An id for a tool call, unique in the session. */
  nextToolCallId(): string {
    this.#toolCalls++;
    return `call-${this.session.turns}-${this.#toolCalls}`;
  }
}

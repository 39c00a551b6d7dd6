import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import {
  type ClientApp,
  type ClientCapabilities,
  type ClientConnection,
  client,
  type InitializeResponse,
  methods,
  type NewSessionResponse,
  ndJsonStream,
  type PromptResponse,
  type RequestPermissionRequest,
  type RequestPermissionResponse,
  type SessionUpdate,
} from "@agentclientprotocol/sdk";
import type { Home, Homes } from "./homes.ts";

/** The built program. */
export const MAIN = join(import.meta.dirname, "..", "dist", "main.js");

export interface EditorOptions {
  readonly agent?: string;
  readonly flags?: readonly string[];
  readonly capabilities?: ClientCapabilities;
  /** Registers more of what an editor serves. */
  readonly serve?: (app: ClientApp) => void;
}

/** An editor: ACP's own client, with `clawmatrix acp` as its agent. */
export class Editor {
  readonly child: ChildProcess;
  readonly connection: ClientConnection;
  readonly exited: Promise<number | null>;
  readonly permissions: RequestPermissionRequest[] = [];
  /** How permissions are answered; undefined leaves them open. */
  permissionAnswer: string | undefined = "allow_once";
  /** Permission requests that were taken back. */
  withdrawn = 0;
  description: InitializeResponse | undefined;
  stderr = "";
  readonly #updates = new Map<string, SessionUpdate[]>();
  /** The sessions that it made, whose places on the node it gives back. */
  readonly #opened: string[] = [];
  readonly #listeners = new Set<() => void>();

  static async open(homes: Homes, home: Home, options: EditorOptions = {}): Promise<Editor> {
    const editor = new Editor(homes, home, options);
    editor.description = await editor.connection.agent.request(methods.agent.initialize, {
      protocolVersion: 1,
      clientCapabilities: options.capabilities ?? {},
    });
    return editor;
  }

  private constructor(homes: Homes, home: Home, { agent = "demo@server", flags = [], serve }: EditorOptions) {
    this.child = startAcp(homes, home, agent, ...flags);
    this.exited = once(this.child, "exit").then(([code]) => code as number | null);
    this.child.stderr!.on("data", (bytes: Buffer) => {
      this.stderr += bytes.toString();
      this.#changed();
    });
    const app = client({ name: "editor" })
      .onNotification(methods.client.session.update, ({ params }) => {
        this.updates(params.sessionId).push(params.update);
        this.#changed();
      })
      .onRequest(methods.client.session.requestPermission, ({ params, signal }) => {
        this.permissions.push(params);
        this.#changed();
        const optionId = this.permissionAnswer;
        if (optionId !== undefined) return { outcome: { outcome: "selected" as const, optionId } };
        return new Promise<RequestPermissionResponse>((resolve) => {
          signal.addEventListener("abort", () => {
            this.withdrawn++;
            this.#changed();
            resolve({ outcome: { outcome: "cancelled" } });
          });
        });
      });
    serve?.(app);
    this.connection = app.connect(
      ndJsonStream(
        Writable.toWeb(this.child.stdin!) as WritableStream<Uint8Array>,
        Readable.toWeb(this.child.stdout!) as ReadableStream<Uint8Array>,
      ),
    );
  }

  async openSession(cwd: string): Promise<NewSessionResponse> {
    const opened = await this.connection.agent.request(methods.agent.session.new, { cwd, mcpServers: [] });
    this.#opened.push(opened.sessionId);
    return opened;
  }

  async newSession(cwd: string): Promise<string> {
    return (await this.openSession(cwd)).sessionId;
  }

  prompt(sessionId: string, text: string): Promise<PromptResponse> {
    const prompt = [{ type: "text" as const, text }];
    return this.connection.agent.request(methods.agent.session.prompt, { sessionId, prompt });
  }

  /** All updates of a session so far. */
  updates(sessionId: string): SessionUpdate[] {
    let updates = this.#updates.get(sessionId);
    if (updates === undefined) this.#updates.set(sessionId, (updates = []));
    return updates;
  }

  /** What was said in a session, by the agent or by people. */
  said(
    sessionId: string,
    kind: "agent_message_chunk" | "user_message_chunk" = "agent_message_chunk",
  ): string {
    return this.updates(sessionId)
      .map((update) =>
        update.sessionUpdate === kind && update.content.type === "text" ? update.content.text : "",
      )
      .join("");
  }

  /** Resolves as soon as what was received makes `condition` true. The test's own deadline ends the wait. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((settle) => {
        const listener = (): void => {
          this.#listeners.delete(listener);
          settle();
        };
        this.#listeners.add(listener);
      });
    }
  }

  /** Closes its sessions and goes. */
  async close(): Promise<number | null> {
    const { agent } = this.connection;
    await Promise.all(
      this.#opened.map((sessionId) => agent.request(methods.agent.session.close, { sessionId })),
    );
    return await this.leave();
  }

  /** Goes away, as an editor does that is quit: its sessions go on. */
  async leave(): Promise<number | null> {
    this.child.stdin?.end();
    return await this.exited;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** `clawmatrix acp` as a process with open pipes. */
export function startAcp(homes: Homes, home: Home, ...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, "acp", ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...homes.env, CLAWMATRIX_HOME: home.path },
  });
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import {
  type ClientApp,
  type ClientCapabilities,
  type ClientConnection,
  type ContentBlock,
  client,
  methods,
  ndJsonStream,
  type PermissionOptionId,
  type PromptResponse,
  type RequestPermissionRequest,
  type RequestPermissionResponse,
  type SessionUpdate,
} from "@agentclientprotocol/sdk";

export interface DemoProcessOptions {
  readonly capabilities?: ClientCapabilities;
  readonly env?: Readonly<Record<string, string>>;
  /** Registers more of what a client serves. */
  readonly serve?: (app: ClientApp) => void;
}

/** The demo agent as a real process, and a client that writes down what it is told. */
export class DemoProcess {
  readonly child: ChildProcess;
  readonly connection: ClientConnection;
  readonly exited: Promise<number | null>;
  readonly permissions: RequestPermissionRequest[] = [];
  /** How the next permission questions are answered; undefined leaves them open. */
  permissionAnswer: PermissionOptionId | undefined = "allow_once";
  stderr = "";
  readonly #updates = new Map<string, SessionUpdate[]>();
  #openPermission: ((answer: RequestPermissionResponse) => void) | undefined;
  readonly #listeners = new Set<() => void>();

  static async start(options: DemoProcessOptions = {}): Promise<DemoProcess> {
    const demo = new DemoProcess(options);
    await demo.connection.agent.request(methods.agent.initialize, {
      protocolVersion: 1,
      clientCapabilities: options.capabilities ?? {},
    });
    return demo;
  }

  private constructor(options: DemoProcessOptions) {
    this.child = spawn(process.execPath, [fileURLToPath(new URL("../main.ts", import.meta.url))], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...options.env },
    });
    this.exited = once(this.child, "exit").then(([code]) => code as number | null);
    this.child.stderr?.on("data", (bytes: Buffer) => {
      this.stderr += bytes.toString();
    });
    const app = client({ name: "test" })
      .onNotification(methods.client.session.update, ({ params }) => {
        this.updates(params.sessionId).push(params.update);
        this.#changed();
      })
      .onRequest(methods.client.session.requestPermission, ({ params }) => {
        this.permissions.push(params);
        this.#changed();
        const optionId = this.permissionAnswer;
        if (optionId === undefined) return this.#answerLater();
        return { outcome: { outcome: "selected", optionId } };
      });
    options.serve?.(app);
    this.connection = app.connect(
      ndJsonStream(
        Writable.toWeb(this.child.stdin!) as WritableStream<Uint8Array>,
        Readable.toWeb(this.child.stdout!) as ReadableStream<Uint8Array>,
      ),
    );
  }

  async newSession(cwd: string): Promise<string> {
    const { sessionId } = await this.connection.agent.request(methods.agent.session.new, {
      cwd,
      mcpServers: [],
    });
    return sessionId;
  }

  prompt(sessionId: string, prompt: string | ContentBlock[]): Promise<PromptResponse> {
    const blocks: ContentBlock[] = typeof prompt === "string" ? [{ type: "text", text: prompt }] : prompt;
    return this.connection.agent.request(methods.agent.session.prompt, { sessionId, prompt: blocks });
  }

  cancel(sessionId: string): Promise<void> {
    return this.connection.agent.notify(methods.agent.session.cancel, { sessionId });
  }

  /** Answers the permission question that was left open last. */
  answerPermission(optionId: PermissionOptionId): void {
    this.#openPermission?.({ outcome: { outcome: "selected", optionId } });
  }

  /** All updates of a session so far. */
  updates(sessionId: string): SessionUpdate[] {
    let updates = this.#updates.get(sessionId);
    if (updates === undefined) this.#updates.set(sessionId, (updates = []));
    return updates;
  }

  /** What the agent has said in a session. */
  answer(sessionId: string): string {
    return this.updates(sessionId)
      .map((update) =>
        update.sessionUpdate === "agent_message_chunk" && update.content.type === "text"
          ? update.content.text
          : "",
      )
      .join("");
  }

  /** The updates about tool calls. */
  toolCalls(
    sessionId: string,
  ): Extract<SessionUpdate, { sessionUpdate: "tool_call" | "tool_call_update" }>[] {
    return this.updates(sessionId).filter(
      (update) => update.sessionUpdate === "tool_call" || update.sessionUpdate === "tool_call_update",
    );
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

  /** Ends the agent's input, as a client that goes away does, and waits for its end. */
  async stop(): Promise<number | null> {
    this.child.stdin?.end();
    return await this.exited;
  }

  #answerLater(): Promise<RequestPermissionResponse> {
    return new Promise((settle) => {
      this.#openPermission = settle;
    });
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Readable, Writable } from "node:stream";
import * as acp from "@agentclientprotocol/sdk";
import type { AgentLaunch } from "../agents/real-agent.ts";

/** What an agent sent of its own accord, in the order in which it came. */
export type Received =
  | { readonly kind: "update"; readonly update: acp.SessionUpdate }
  | { readonly kind: "permission"; readonly request: acp.RequestPermissionRequest };

/** Time an agent has to leave after its input was closed, before it is killed. */
const LEAVE_DEADLINE_MS = 3_000;
/** As much of an agent's standard error as is told when it fails. */
const ERROR_TAIL_CHARACTERS = 2_000;

export interface AcpAgentOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Chooses among the options of a permission request; the id, or nothing to cancel it. */
  answer(request: acp.RequestPermissionRequest): string | undefined;
}

/** An agent started as a child process and spoken to over stdio, without any of our own code between. */
export class AcpAgent {
  readonly #child: ChildProcess;
  readonly #connection: acp.ClientConnection;
  readonly #received: Received[] = [];
  readonly #left: Promise<unknown>;
  #errors = "";

  constructor(launch: AgentLaunch, options: AcpAgentOptions) {
    const [program, ...args] = launch.command as [string, ...string[]];
    const child = spawn(program, args, { cwd: options.cwd, env: { ...options.env, ...launch.env } });
    this.#child = child;
    this.#left = once(child, "exit");
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-ERROR_TAIL_CHARACTERS);
    });
    this.#connection = acp
      .client({ name: "real-agents" })
      .onNotification(acp.methods.client.session.update, ({ params }) => {
        this.#received.push({ kind: "update", update: params.update });
      })
      .onRequest(acp.methods.client.session.requestPermission, ({ params }) => {
        this.#received.push({ kind: "permission", request: params });
        const optionId = options.answer(params);
        return {
          outcome: optionId === undefined ? { outcome: "cancelled" } : { outcome: "selected", optionId },
        };
      })
      .connect(
        acp.ndJsonStream(
          Writable.toWeb(child.stdin),
          Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>,
        ),
      );
  }

  /** Calls the agent's methods. */
  get calls(): acp.ClientContext {
    return this.#connection.agent;
  }

  /** What came since the last time this was asked. */
  takeReceived(): readonly Received[] {
    return this.#received.splice(0);
  }

  /** The end of what the agent wrote to standard error. */
  get errors(): string {
    return this.#errors;
  }

  /** Closes the agent's input, which tells it to leave, and sees that it does. */
  async stop(): Promise<void> {
    this.#connection.close();
    this.#child.stdin?.end();
    const impatient = setTimeout(() => this.#child.kill("SIGKILL"), LEAVE_DEADLINE_MS);
    await this.#left;
    clearTimeout(impatient);
  }
}

/** The text that the agent wrote to the person, of all `received`. */
export function writtenText(received: readonly Received[]): string {
  return received
    .map((item) =>
      item.kind === "update" &&
      item.update.sessionUpdate === "agent_message_chunk" &&
      item.update.content.type === "text"
        ? item.update.content.text
        : "",
    )
    .join("");
}

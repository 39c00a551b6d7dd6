import { AcpErrorCode, type AcpParams, type JsonBytes, toJson } from "@clawmatrix/acp-wire";
import { AcpRefusal } from "../acp/acp-error.ts";
import type { LocalServing } from "../agent-settings.ts";
import { readTextFile, writeTextFile } from "./local-files.ts";
import { LocalTerminals, type LocalTerminalsOptions } from "./local-terminals.ts";

export interface LocalClientOptions extends LocalTerminalsOptions {
  /** What of it is served here. */
  readonly serving: readonly LocalServing[];
}

/**
 * The node in the client's place: it serves the requests of a session's agent that the client which opened the session left
 * to it, within the agent's allowed directories.
 */
export class LocalClient {
  readonly #options: LocalClientOptions;
  readonly #terminals: LocalTerminals;

  constructor(options: LocalClientOptions) {
    this.#options = options;
    this.#terminals = new LocalTerminals(options);
  }

  serves(method: string): boolean {
    const kind = method.startsWith("fs/")
      ? "files"
      : method.startsWith("terminal/")
        ? "terminals"
        : undefined;
    return kind !== undefined && this.#options.serving.includes(kind);
  }

  /** @throws AcpRefusal */
  async request(method: string, { values }: AcpParams, signal: AbortSignal): Promise<JsonBytes> {
    return toJson(await this.#serve(method, values, signal));
  }

  /** Ends what it runs. */
  dispose(): void {
    this.#terminals.dispose();
  }

  async #serve(method: string, values: AcpParams["values"], signal: AbortSignal): Promise<unknown> {
    if (method === "fs/read_text_file") return await readTextFile(values, this.#options);
    if (method === "fs/write_text_file") return await writeTextFile(values, this.#options);
    if (method.startsWith("terminal/")) return await this.#terminals.serve(method, values, signal);
    throw new AcpRefusal(AcpErrorCode.methodNotFound, `this node does not know ${method}`);
  }
}

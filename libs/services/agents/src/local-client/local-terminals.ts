import { AcpErrorCode, isJsonObject, type JsonObject } from "@clawmatrix/acp-wire";
import type { Clock } from "@clawmatrix/environment";
import { AcpRefusal } from "../acp/acp-error.ts";
import type { ProcessLedger } from "../process/process-ledger.ts";
import { unlessAborted } from "../process/unless-aborted.ts";
import { type AllowedPlaces, allowedFile } from "./allowed-file.ts";
import { LocalTerminal } from "./local-terminal.ts";

export interface LocalTerminalsOptions extends AllowedPlaces {
  /** Where commands run that name no directory. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly ledger: ProcessLedger;
}

/** Terminals of one session that are not released yet. */
export const MAX_TERMINALS = 16;
/** The most that is kept of a terminal's output, in bytes; the default as well. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** ACP's terminal/* for one session: commands that the node runs in the agent's allowed directories. */
export class LocalTerminals {
  readonly #options: LocalTerminalsOptions;
  readonly #terminals = new Map<string, LocalTerminal>();
  #lastId = 0;
  #starting = 0;

  constructor(options: LocalTerminalsOptions) {
    this.#options = options;
  }

  /** @throws AcpRefusal */
  async serve(method: string, params: JsonObject, signal: AbortSignal): Promise<unknown> {
    if (method === "terminal/create") return { terminalId: await this.#create(params) };
    const id = String(params.terminalId);
    const terminal = this.#terminals.get(id);
    if (terminal === undefined)
      throw new AcpRefusal(AcpErrorCode.resourceNotFound, `there is no terminal ${JSON.stringify(id)}`);
    switch (method) {
      case "terminal/output":
        return terminal.output();
      case "terminal/wait_for_exit":
        return await unlessAborted(terminal.exited, signal);
      case "terminal/kill":
        terminal.kill();
        return {};
      case "terminal/release":
        terminal.kill();
        this.#terminals.delete(id);
        return {};
      default:
        throw new AcpRefusal(AcpErrorCode.methodNotFound, `this node does not know ${method}`);
    }
  }

  /** Ends every command. */
  dispose(): void {
    for (const terminal of this.#terminals.values()) terminal.kill();
    this.#terminals.clear();
  }

  async #create({ command, args, env, cwd, outputByteLimit }: JsonObject): Promise<string> {
    if (typeof command !== "string" || command === "")
      throw new AcpRefusal(AcpErrorCode.invalidParams, "`command` must be a text");
    if (this.#terminals.size + this.#starting >= MAX_TERMINALS) {
      const message = `${MAX_TERMINALS} terminals of this session are open; release some`;
      throw new AcpRefusal(AcpErrorCode.internal, message);
    }
    const asked = typeof outputByteLimit === "number" ? Math.trunc(outputByteLimit) : MAX_OUTPUT_BYTES;
    this.#starting++;
    try {
      const terminal = await LocalTerminal.start({
        command,
        args: Array.isArray(args) ? args.map(String) : [],
        env: { ...this.#options.env, ...variablesOf(env) },
        cwd: await allowedFile(cwd ?? this.#options.cwd, this.#options),
        maxOutputBytes: Math.min(MAX_OUTPUT_BYTES, Math.max(0, asked)),
        clock: this.#options.clock,
        ledger: this.#options.ledger,
      });
      const id = `t${++this.#lastId}`;
      this.#terminals.set(id, terminal);
      return id;
    } catch (error) {
      if (error instanceof AcpRefusal) throw error;
      const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
      throw new AcpRefusal(AcpErrorCode.internal, `the command cannot be started (${code})`);
    } finally {
      this.#starting--;
    }
  }
}

/** ACP's EnvVariable array. */
function variablesOf(env: unknown): Record<string, string> {
  if (!Array.isArray(env)) return {};
  const pairs = env.filter(isJsonObject).map(({ name, value }) => [String(name), String(value)]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

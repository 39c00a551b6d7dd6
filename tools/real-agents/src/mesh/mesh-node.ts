import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AgentLaunch } from "../agents/real-agent.ts";
import { Command, type CommandResult } from "./command.ts";
import { TerminalCommand } from "./terminal-command.ts";

const BIN = fileURLToPath(new URL("../../../../apps/node/bin/clawmatrix.mjs", import.meta.url));

/** Longer than any command here takes, even where the agent has to start cold on a slow machine. */
const COMMAND_DEADLINE_MS = 120_000;

/** One node of the mesh: a home, and the command line used in it. */
export class MeshNode {
  readonly name: string;
  readonly home: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #cwd: string;

  constructor(name: string, options: { home: string; env: Readonly<Record<string, string>>; cwd: string }) {
    if (!existsSync(BIN)) throw new Error(`there is no ${BIN}; run npm run build first`);
    this.name = name;
    this.home = options.home;
    this.#env = { ...options.env, CLAWMATRIX_HOME: options.home, NO_COLOR: "1" };
    this.#cwd = options.cwd;
  }

  /** Starts `clawmatrix` with `args` in this node's home. */
  start(...args: readonly string[]): Command {
    return new Command(process.execPath, [BIN, ...args], {
      env: this.#env,
      cwd: this.#cwd,
      deadlineMs: COMMAND_DEADLINE_MS,
    });
  }

  /** The same on a terminal. */
  startOnTerminal(...args: readonly string[]): TerminalCommand {
    return new TerminalCommand(process.execPath, [BIN, ...args], { env: this.#env, cwd: this.#cwd });
  }

  /** How an editor on this node starts an agent of the mesh as if it were one of this machine. */
  editorsLaunch(agent: string): AgentLaunch {
    return { command: [process.execPath, BIN, "acp", agent], env: { CLAWMATRIX_HOME: this.home } };
  }

  /** Runs `clawmatrix` with `args` to its end, whatever that is. */
  run(...args: readonly string[]): Promise<CommandResult> {
    return this.start(...args).result();
  }

  /**
   * Runs `clawmatrix` with `args` and returns its standard output.
   * @throws Error with all that it printed when it does not end with 0.
   */
  async must(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) {
      throw new Error(`clawmatrix ${args.join(" ")} on ${this.name} ended with ${code}:\n${stdout}${stderr}`);
    }
    return stdout;
  }

  /** The same for a command with `--json`; the document, as what the caller knows it to be. */
  async mustJson<Document>(...args: readonly string[]): Promise<Document> {
    const stdout = await this.must(...args, "--json");
    try {
      return JSON.parse(stdout) as Document;
    } catch (cause) {
      throw new Error(`clawmatrix ${args.join(" ")} --json on ${this.name} printed: "${stdout}"`, { cause });
    }
  }
}

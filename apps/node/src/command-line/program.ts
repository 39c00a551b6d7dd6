import { Command, Option } from "commander";
import type { CommandContext } from "./context.ts";
import { wrongUsage } from "./wrong-usage.ts";

/** A command's work. Resolves with the exit code, or nothing for 0. */
export type Action<Arguments extends unknown[]> = (
  context: CommandContext,
  ...args: Arguments
  // biome-ignore lint/suspicious/noConfusingVoidType: an action that returns nothing is done
) => Promise<number | void>;

/** Runs an action with a context of its own; given by the entry point. */
export type Run = <Arguments extends unknown[]>(
  json: boolean,
  load: () => Promise<Action<Arguments>>,
  ...args: Arguments
) => Promise<void>;

const PERMISSION = new Option("--permission <policy>", "what becomes of the agent's permission requests")
  .choices(["ask", "allow", "deny", "reads"])
  .default("ask");

/**
 * The whole command line: every command with its arguments, flags and help. What a command does is loaded when it is
 * run, so that the start of one does not pay for the others.
 */
export function createProgram(version: string, run: Run): Command {
  const program = new Command("clawmatrix")
    .description(
      "Joins the machines on which you run coding agents into one mesh, without a server in the middle.",
    )
    .version(version, "--version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help for a command")
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: false, sortSubcommands: false })
    .addHelpText(
      "after",
      `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 local node not running, 4 not allowed, 5 node unreachable, 6 timed out,
7 waits for input, 130 interrupted.
Without a command: the terminal UI on a terminal, this help elsewhere. CLAWMATRIX_HOME says which node is meant.`,
    );

  program.commandsGroup("A mesh and its nodes:");
  program
    .command("init")
    .description("make a home: identity, a new mesh with this node as its founder, a commented configuration")
    .option("--name <name>", "the node's name (default: from the host's name)")
    .option("--listen <host:port>", "accept peers here, e.g. 0.0.0.0:19000")
    .option("--json", "print data as JSON")
    .action((options) => run(json(options), async () => (await import("./commands/init.ts")).init, options));
  program
    .command("invite")
    .description("print an invitation: one line that takes one machine into the mesh")
    .option("--name <name>", "the name proposed for the new node")
    .option("--expires <duration>", "how long it holds, e.g. 30m, 1h, 7d", "1h")
    .option("--json", "print data as JSON")
    .action((options) =>
      run(json(options), async () => (await import("./commands/invite.ts")).invite, options),
    );
  program
    .command("join")
    .description("make a home that belongs to the mesh of an invitation")
    .argument("<invitation>", "the line that `clawmatrix invite` printed; - reads it from standard input")
    .option("--name <name>", "the node's name (default: the invitation's, else from the host's name)")
    .option("--listen <host:port>", "accept peers here")
    .option("--json", "print data as JSON")
    .action((invitation, options) =>
      run(json(options), async () => (await import("./commands/join.ts")).join, invitation, options),
    );
  program
    .command("up")
    .description("run the node in the foreground")
    .option("--detach", "run it in the background, once it is ready")
    .addOption(new Option("--with-parent", "stop when the process that started it ends").hideHelp())
    .option("--json", "print data as JSON")
    .action((options) => run(json(options), async () => (await import("./commands/up.ts")).up, options));
  program
    .command("down")
    .description("stop the node, finishing or parking what runs")
    .option("--grace <duration>", "how long running turns may go on", "10s")
    .option("--json", "print data as JSON")
    .action((options) => run(json(options), async () => (await import("./commands/down.ts")).down, options));
  program
    .command("status")
    .description("show this node and the mesh around it")
    .option("--json", "print data as JSON")
    .action((options) => run(json(options), async () => (await import("./commands/status.ts")).status));
  const nodes = program
    .command("nodes")
    .description("list all nodes of the mesh and the routes to them")
    .option("--json", "print data as JSON")
    .action((options) => run(json(options), async () => (await import("./commands/nodes.ts")).listNodes));
  nodes
    .command("forget")
    .description("no longer show a node that is away, until it comes back")
    .argument("<node>", "name, or beginning of the id")
    .action((node) => run(false, async () => (await import("./commands/nodes.ts")).forgetNode, node));

  program.commandsGroup("Agents and sessions:");
  const agents = program
    .command("agents")
    .description("list the agents of the mesh")
    .option("--json", "print data as JSON")
    .action((options) => run(json(options), async () => (await import("./commands/agents.ts")).listAgents));
  agents
    .command("add")
    .description("offer an agent on this node: one of the catalogue, or any ACP command")
    .argument("<id>", "the agent's id, e.g. claude, codex, gemini, opencode, qwen, demo, or one of your own")
    .argument("[command...]", "the command, after --: clawmatrix agents add mine -- my-agent --acp")
    .option("--description <text>", "shown in lists")
    .option("--directory <path...>", "where its sessions may run (default: the home directory)")
    .option("--env <name=value...>", "set in the agent's environment")
    .option("--json", "print data as JSON")
    .action((id, command, options) =>
      run(json(options), async () => (await import("./commands/agents.ts")).addAgent, id, command, options),
    );
  agents
    .command("remove")
    .description("no longer offer an agent on this node")
    .argument("<id>")
    .option("--json", "print data as JSON")
    .action((id, options) =>
      run(json(options), async () => (await import("./commands/agents.ts")).removeAgent, id),
    );
  agents
    .command("check")
    .description("start an agent once and show what it can")
    .argument("<agent>", "AGENT or AGENT@NODE")
    .option("--json", "print data as JSON")
    .action((agent, options) =>
      run(json(options), async () => (await import("./commands/check-agent.ts")).checkAgent, agent),
    );
  program
    .command("run")
    .description("give an agent one task and stream its answer")
    .argument("<agent>", "AGENT or AGENT@NODE; a node by name or by the beginning of its id")
    .argument("<task...>", "the task; - reads it from standard input")
    .option("--cwd <directory>", "the session's directory, on the agent's node")
    .addOption(PERMISSION)
    .option("--json", "print data as JSON, an object per line")
    .action((agent, task, options) =>
      run(
        json(options),
        async () => (await import("./commands/run.ts")).runTask,
        agent,
        task.join(" "),
        options,
      ),
    );
  addSessionCommands(program, run);

  program.commandsGroup("Screens and shells:");
  program
    .command("tui")
    .description("open the terminal UI")
    .action(() => run(false, async () => (await import("./commands/tui.ts")).openTui));
  program
    .command("lab")
    .description("start a mesh of three nodes on this machine and open the terminal UI on it")
    .option("--keep <directory>", "keep the nodes' homes there; a second time, go on with them")
    .action((options) => run(false, async () => (await import("./commands/lab.ts")).lab, options));
  const config = program.command("config").description("check, edit or explain the configuration");
  for (const [name, description] of [
    ["check", "say what is wrong with the configuration, if anything"],
    ["edit", "open it in $EDITOR and check it afterwards"],
    ["path", "print where it is"],
    ["schema", "print its JSON schema"],
  ] as const) {
    config
      .command(name)
      .description(description)
      .action(() => run(false, async () => (await import("./commands/config.ts"))[`${name}Configuration`]));
  }
  program
    .command("demo-agent", { hidden: true })
    .description("serve the embedded agent on standard input and output (ACP)")
    .action(() => run(false, async () => (await import("./commands/demo-agent.ts")).serveDemoAgent));
  program
    .command("completion")
    .description("print a script that completes commands in your shell")
    .addArgument(program.createArgument("<shell>").choices(["bash", "zsh", "fish"]))
    .action((shell) =>
      run(false, async () => {
        const { renderCompletion } = await import("./completion.ts");
        return async ({ output }) => output.text(renderCompletion(program, shell));
      }),
    );
  for (const command of allCommands(program)) {
    command.exitOverride().configureOutput({ outputError: () => undefined });
  }
  return program;
}

function addSessionCommands(program: Command, run: Run): void {
  const session = program.command("session").description("open, list, follow and end sessions");
  session
    .command("new")
    .description("open a session and print its id")
    .argument("<agent>", "AGENT or AGENT@NODE")
    .option("--cwd <directory>", "its directory, on the agent's node")
    .option("--title <text>", "shown in lists")
    .option("--json", "print data as JSON")
    .action((agent, options) =>
      run(json(options), async () => (await import("./commands/session-new.ts")).newSession, agent, options),
    );
  session
    .command("list")
    .description("list the sessions of all nodes")
    .option("--agent <agent>", "only this agent's: AGENT or AGENT@NODE")
    .option("--limit <n>", "at most so many, the newest", wholeNumber)
    .option("--json", "print data as JSON")
    .action((options) =>
      run(json(options), async () => (await import("./commands/session-list.ts")).listSessions, options),
    );
  session
    .command("prompt")
    .description("send a prompt to a session and stream the answer")
    .argument("<session>", "the session's id, or its beginning")
    .argument("<prompt...>", "the prompt; - reads it from standard input")
    .addOption(PERMISSION)
    .option("--refuse-if-running", "fail rather than wait when a turn is running")
    .option("--json", "print data as JSON, an object per line")
    .action((id, prompt, options) =>
      run(
        json(options),
        async () => (await import("./commands/session-prompt.ts")).promptSession,
        id,
        prompt.join(" "),
        options,
      ),
    );
  session
    .command("attach")
    .description("show a session from its beginning and follow it")
    .argument("<session>", "the session's id, or its beginning")
    .option("--since <seq>", "only what came after this event", wholeNumber)
    .option("--json", "print data as JSON, an object per line")
    .action((id, options) =>
      run(
        json(options),
        async () => (await import("./commands/session-attach.ts")).attachSession,
        id,
        options,
      ),
    );
  session
    .command("cancel")
    .description("stop the running turn")
    .argument("<session>", "the session's id, or its beginning")
    .option("--json", "print data as JSON")
    .action((id, options) =>
      run(json(options), async () => (await import("./commands/session-end.ts")).cancelSession, id),
    );
  session
    .command("close")
    .description("end a session")
    .argument("<session>", "the session's id, or its beginning")
    .option("--json", "print data as JSON")
    .action((id, options) =>
      run(json(options), async () => (await import("./commands/session-end.ts")).closeSession, id),
    );
}

function json(options: { json?: boolean }): boolean {
  return options.json === true;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw wrongUsage(`"${text}" is not a whole number`);
  return Number(text);
}

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

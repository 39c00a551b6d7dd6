import { type Group, json, printsJson, streamsJson } from "./declare.ts";
import { permissionFlag } from "./permission-flag.ts";

/** Agents, and what is done with one in a single command. */
export const agentGroup: Group = (program, run) => {
  program.commandsGroup("Agents and sessions:");
  const agents = printsJson(program.command("agents"))
    .description("list the agents of the mesh")
    .action((_options, command) =>
      run(json(command), async () => (await import("../commands/agents.ts")).listAgents),
    );
  printsJson(agents.command("add"))
    .description("offer an agent on this node: one of the catalogue, any ACP command, or an endpoint")
    .argument(
      "<id>",
      "the agent's id, e.g. claude, codex, gemini, opencode, qwen, openclaw, ollama, demo, or one of your own",
    )
    .argument("[command...]", "the command, after --: clawmatrix agents add mine -- my-agent --acp")
    .option("--description <text>", "shown in lists")
    .option("--directory <path...>", "where its sessions may run (default: the home directory)")
    .option("--env <name=value...>", "set in the agent's environment")
    .option(
      "--url <url>",
      "an endpoint with chat completions in place of a command: http://127.0.0.1:11434/v1",
    )
    .option("--model <model>", "the model that the endpoint is asked for")
    .option("--api-key-env <name>", "the variable of the node's environment that has the endpoint's key")
    .action((id, words, options, command) =>
      run(json(command), async () => (await import("../commands/agents.ts")).addAgent, id, words, options),
    );
  printsJson(agents.command("remove"))
    .description("no longer offer an agent on this node")
    .argument("<id>", "the agent's id")
    .action((id, _options, command) =>
      run(json(command), async () => (await import("../commands/agents.ts")).removeAgent, id),
    );
  printsJson(agents.command("check"))
    .description("start an agent once and show what it can")
    .argument("<agent>", "AGENT or AGENT@NODE")
    .action((agent, _options, command) =>
      run(json(command), async () => (await import("../commands/check-agent.ts")).checkAgent, agent),
    );
  streamsJson(program.command("run"))
    .description("give an agent one task and stream its answer")
    .argument("<agent>", "AGENT or AGENT@NODE; a node by name or by the beginning of its id")
    .argument("<task...>", "the task; - reads it from standard input")
    .option("--cwd <directory>", "the session's directory, on the agent's node")
    .addOption(permissionFlag())
    .action((agent, task: string[], options, command) =>
      run(
        json(command),
        async () => (await import("../commands/run.ts")).runTask,
        agent,
        task.join(" "),
        options,
      ),
    );
  program
    .command("acp")
    .description("serve an agent of the mesh to an editor: ACP on standard input and output")
    .argument("<agent>", "AGENT or AGENT@NODE")
    .option("--cwd <directory>", "where its sessions run on the agent's node (default: as the editor says)")
    .action((agent, options) =>
      run(false, async () => (await import("../commands/acp.ts")).serveAcp, agent, options),
    );
};

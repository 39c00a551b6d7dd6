import { type Group, json, streamsJson, wholeNumber } from "./declare.ts";

/** Lines of a log that are shown when nobody says how many. */
const LOG_LINES = 100;

/** Screens, and what concerns this machine alone. */
export const machineGroup: Group = (program, run) => {
  program.commandsGroup("Screens and shells:");
  program
    .command("tui")
    .description("open the terminal UI")
    .action(() => run(false, async () => (await import("../commands/tui.ts")).openTui));
  program
    .command("lab")
    .description("start a mesh of three nodes on this machine and open the terminal UI on it")
    .option("--keep <directory>", "keep the nodes' homes there; a second time, go on with them")
    .action((options) => run(false, async () => (await import("../commands/lab.ts")).lab, options));
  program.commandsGroup("This machine:");
  streamsJson(program.command("logs"))
    .description("show what happened: this node's log, or another's that grants `diagnostics`")
    .option("-f, --follow", "go on with what is added, until ctrl-c")
    .option("-n, --lines <n>", "lines from the past", wholeNumber, LOG_LINES)
    .option("--node <node>", "of another node: its name, or the beginning of its id")
    .option("--audit", "what other nodes were refused, and their use of tools and terminals")
    .action((options, command) =>
      options.audit === true
        ? run(json(command), async () => (await import("../commands/audit.ts")).audit, options)
        : run(json(command), async () => (await import("../commands/logs.ts")).logs, options),
    );
  streamsJson(program.command("doctor"))
    .description("look for what is wrong on this node, and say how to mend it")
    .action((_options, command) =>
      run(json(command), async () => (await import("../commands/doctor.ts")).doctor),
    );
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
      .action(() => run(false, async () => (await import("../commands/config.ts"))[`${name}Configuration`]));
  }
  program
    .command("demo-agent", { hidden: true })
    .description("serve the embedded agent on standard input and output (ACP)")
    .action(() => run(false, async () => (await import("../commands/demo-agent.ts")).serveDemoAgent));
  program
    .command("http-agent", { hidden: true })
    .description("serve an endpoint with chat completions as an agent on standard input and output (ACP)")
    .action(() => run(false, async () => (await import("../commands/http-agent.ts")).serveHttpAgent));
  program
    .command("completion")
    .description("print a script that completes commands in your shell")
    .addArgument(program.createArgument("<shell>").choices(["bash", "zsh", "fish"]))
    .action((shell) =>
      run(false, async () => {
        const { renderCompletion } = await import("../completion.ts");
        return async ({ output }) => output.text(renderCompletion(program, shell));
      }),
    );
};

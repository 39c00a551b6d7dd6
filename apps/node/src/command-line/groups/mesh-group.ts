import { Option } from "commander";
import { type Group, json, printsJson } from "./declare.ts";

/** A mesh and its nodes. */
export const meshGroup: Group = (program, run) => {
  program.commandsGroup("A mesh and its nodes:");
  printsJson(program.command("init"))
    .description("make a home: identity, a new mesh with this node as its founder, a commented configuration")
    .option("--name <name>", "the node's name (default: from the host's name)")
    .option("--listen <host:port>", "accept peers here, e.g. 0.0.0.0:19000")
    .action((options, command) =>
      run(json(command), async () => (await import("../commands/init.ts")).init, options),
    );
  printsJson(program.command("invite"))
    .description("print an invitation: one line that takes one machine into the mesh")
    .option("--name <name>", "the name proposed for the new node")
    .option("--expires <duration>", "how long it holds, e.g. 30m, 1h, 7d", "1h")
    .action((options, command) =>
      run(json(command), async () => (await import("../commands/invite.ts")).invite, options),
    );
  printsJson(program.command("join"))
    .description("make a home that belongs to the mesh of an invitation")
    .argument("<invitation>", "the line that `clawmatrix invite` printed; - reads it from standard input")
    .option("--name <name>", "the node's name (default: the invitation's, else from the host's name)")
    .option("--listen <host:port>", "accept peers here")
    .action((invitation, options, command) =>
      run(json(command), async () => (await import("../commands/join.ts")).join, invitation, options),
    );
  printsJson(program.command("up"))
    .description("run the node in the foreground")
    .option("--detach", "run it in the background; returns when it is ready")
    .addOption(new Option("--with-parent", "stop when the process that started it ends").hideHelp())
    .action((options, command) =>
      run(json(command), async () => (await import("../commands/up.ts")).up, options),
    );
  printsJson(program.command("down"))
    .description("stop the node, finishing or parking what runs")
    .option("--grace <duration>", "how long running turns may go on", "10s")
    .action((options, command) =>
      run(json(command), async () => (await import("../commands/down.ts")).down, options),
    );
  printsJson(program.command("status"))
    .description("show this node and the mesh around it")
    .action((_options, command) =>
      run(json(command), async () => (await import("../commands/status.ts")).status),
    );
  const nodes = printsJson(program.command("nodes"))
    .description("list all nodes of the mesh and the routes to them")
    .action((_options, command) =>
      run(json(command), async () => (await import("../commands/nodes.ts")).listNodes),
    );
  printsJson(nodes.command("forget"))
    .description("no longer show a node that is away, until it comes back")
    .argument("<node>", "its name, or the beginning of its id")
    .action((node, _options, command) =>
      run(json(command), async () => (await import("../commands/nodes.ts")).forgetNode, node),
    );
  printsJson(program.command("trace"))
    .description("show the route to a node, hop by hop, and the time to each")
    .argument("<node>", "its name, or the beginning of its id")
    .action((node, _options, command) =>
      run(json(command), async () => (await import("../commands/trace.ts")).trace, node),
    );
};

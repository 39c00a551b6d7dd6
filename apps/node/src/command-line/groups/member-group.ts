import { type Group, json, printsJson } from "./declare.ts";

const NODE = "its name, or the beginning of its id";

/** Who belongs to the mesh. */
export const memberGroup: Group = (program, run) => {
  const members = printsJson(program.command("members"))
    .description("list who belongs to the mesh, did, or wants to")
    .action((_options, command) =>
      run(json(command), async () => (await import("../commands/members.ts")).listMembers),
    );
  printsJson(members.command("pending"))
    .description("list the nodes that wait to be let in")
    .action((_options, command) =>
      run(json(command), async () => (await import("../commands/members.ts")).listPending),
    );
  for (const [name, approve, description] of [
    ["approve", true, "let a node in that waits"],
    ["deny", false, "refuse a node that waits"],
  ] as const) {
    printsJson(members.command(name))
      .description(description)
      .argument("<node>", NODE)
      .action((node, _options, command) =>
        run(json(command), async () => (await import("../commands/members.ts")).decideMember, node, approve),
      );
  }
  printsJson(members.command("revoke"))
    .description("shut a member out for good; it can come back only under new keys")
    .argument("<node>", NODE)
    .option("--reason <text>", "kept with the decision")
    .action((node, options, command) =>
      run(json(command), async () => (await import("../commands/members.ts")).revokeMember, node, options),
    );
  printsJson(members.command("operator"))
    .description("let a member invite, approve and revoke")
    .argument("<node>", NODE)
    .option("--remove", "no longer")
    .action((node, options, command) =>
      run(json(command), async () => (await import("../commands/members.ts")).appointOperator, node, options),
    );
};

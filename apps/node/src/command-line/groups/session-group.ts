import { type Group, json, printsJson, streamsJson, wholeNumber } from "./declare.ts";
import { permissionFlag } from "./permission-flag.ts";

const SESSION = "the session's id, or its beginning";

/** Sessions, and what waits in them for a person. */
export const sessionGroup: Group = (program, run) => {
  const session = program.command("session").description("open, list, follow and end sessions");
  printsJson(session.command("new"))
    .description("open a session and print its id")
    .argument("<agent>", "AGENT or AGENT@NODE")
    .option("--cwd <directory>", "its directory, on the agent's node")
    .option("--title <text>", "shown in lists")
    .action((agent, options, command) =>
      run(json(command), async () => (await import("../commands/session-new.ts")).newSession, agent, options),
    );
  printsJson(session.command("list"))
    .description("list the sessions of all nodes")
    .option("--agent <agent>", "only this agent's: AGENT or AGENT@NODE")
    .option("--limit <n>", "at most so many, the newest", wholeNumber)
    .action((options, command) =>
      run(json(command), async () => (await import("../commands/session-list.ts")).listSessions, options),
    );
  streamsJson(session.command("prompt"))
    .description("send a prompt to a session and stream the answer")
    .argument("<session>", SESSION)
    .argument("<prompt...>", "the prompt; - reads it from standard input")
    .addOption(permissionFlag())
    .option("--refuse-if-running", "fail rather than wait when a turn is running")
    .action((id, prompt: string[], options, command) =>
      run(
        json(command),
        async () => (await import("../commands/session-prompt.ts")).promptSession,
        id,
        prompt.join(" "),
        options,
      ),
    );
  streamsJson(session.command("attach"))
    .description("show a session from its beginning and follow it")
    .argument("<session>", SESSION)
    .option("--since <seq>", "only what came after this event", wholeNumber)
    .action((id, options, command) =>
      run(
        json(command),
        async () => (await import("../commands/session-attach.ts")).attachSession,
        id,
        options,
      ),
    );
  streamsJson(session.command("show"))
    .description("print what is kept of a session, without starting its agent")
    .argument("<session>", SESSION)
    .action((id, _options, command) =>
      run(json(command), async () => (await import("../commands/session-show.ts")).showSession, id),
    );
  printsJson(session.command("resume"))
    .description("have the agent take up a session again")
    .argument("<session>", SESSION)
    .action((id, _options, command) =>
      run(json(command), async () => (await import("../commands/session-resume.ts")).resumeSession, id),
    );
  printsJson(session.command("mode"))
    .description("list a session's modes, or change to another")
    .argument("<session>", SESSION)
    .argument("[mode]", "the mode's id")
    .action((id, mode, _options, command) =>
      run(json(command), async () => (await import("../commands/session-settings.ts")).sessionMode, id, mode),
    );
  printsJson(session.command("option"))
    .description("list a session's options, or change one")
    .argument("<session>", SESSION)
    .argument("[name]", "the option's id")
    .argument("[value]", "one of its choices")
    .action((id, name, value, _options, command) =>
      run(
        json(command),
        async () => (await import("../commands/session-settings.ts")).sessionOption,
        id,
        name,
        value,
      ),
    );
  printsJson(session.command("cancel"))
    .description("stop the running turn")
    .argument("<session>", SESSION)
    .action((id, _options, command) =>
      run(json(command), async () => (await import("../commands/session-end.ts")).cancelSession, id),
    );
  printsJson(session.command("close"))
    .description("end a session")
    .argument("<session>", SESSION)
    .action((id, _options, command) =>
      run(json(command), async () => (await import("../commands/session-end.ts")).closeSession, id),
    );
  streamsJson(program.command("inbox"))
    .description("list what waits for a person anywhere in the mesh: permissions, questions, admissions")
    .option("--watch", "again at every change, until ctrl-c")
    .action((options, command) =>
      run(json(command), async () => (await import("../commands/inbox.ts")).inbox, options),
    );
  printsJson(program.command("answer"))
    .description("answer what waits, on whichever node it waits")
    .argument("<id>", "its id in the inbox, or the beginning of it")
    .argument("<choice...>", "an option by its id, kind or number; or a text")
    .action((id, words: string[], _options, command) =>
      run(json(command), async () => (await import("../commands/answer.ts")).answer, id, words.join(" ")),
    );
};

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { renderConfigurationReference } from "@clawmatrix/config";
import type { Command } from "commander";
import { afterAll, describe, expect, it } from "vitest";
import { allCommands, createProgram } from "../src/command-line/program.ts";
import { Homes } from "./homes.ts";

const homes = new Homes();
afterAll(() => homes[Symbol.asyncDispose]());
const home = homes.home("program");

describe("the command line", () => {
  it("names the nearest right command or flag, with exit code 2", async () => {
    const [command, flag, choice, missing, number] = await Promise.all([
      home.run(["statsu"]),
      home.run(["session", "list", "--limt", "3"]),
      home.run(["run", "demo", "hi", "--permission", "maybe"]),
      home.run(["run", "demo"]),
      home.run(["session", "list", "--limit", "few", "--json"]),
    ]);
    expect(command.stderr).toMatch(/unknown command 'statsu'\n {2}\(Did you mean status\?\)/);
    expect(flag.stderr).toMatch(/unknown option '--limt'\n {2}\(Did you mean --limit\?\)/);
    expect(choice.stderr).toMatch(/Allowed choices are ask, allow, deny, reads/);
    expect(missing.stderr).toMatch(/missing required argument 'task'/);
    expect(JSON.parse(number.stdout)).toMatchObject({ type: "error", code: "invalid-argument" });
    for (const { code } of [command, flag, choice, missing, number]) expect(code).toBe(2);
  });

  it("prints help and version on standard output", async () => {
    const [bare, help, of, version] = await Promise.all([
      home.run([]),
      home.run(["--help"]),
      home.run(["help", "run"]),
      home.run(["--version"]),
    ]);
    expect(bare.stdout).toBe(help.stdout);
    expect(help.stdout).toContain("Exit codes: 0 done");
    expect(of.stdout).toContain("--permission <policy>");
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    for (const { code } of [bare, help, of, version]) expect(code).toBe(0);
  });

  it("opens no terminal UI where there is no terminal", async () => {
    const { code, stderr } = await home.run(["tui"]);
    expect(stderr).toMatch(/the terminal UI needs a terminal\n {2}`clawmatrix status`/);
    expect(code).toBe(2);
  });

  it("is quiet when its reader goes away", () => {
    const main = process.env.CLAWMATRIX_TEST_MAIN ?? join(import.meta.dirname, "..", "dist", "main.js");
    const command = `${process.execPath} ${main} config schema | head -c 1`;
    const { status, stderr } = spawnSync("sh", ["-c", command], { env: homes.env, encoding: "utf8" });
    expect(stderr).not.toContain("EPIPE");
    expect(status).toBe(0);
  });

  it("is described in docs/commands.md, word for word", async () => {
    await expect(renderCommands()).toMatchFileSnapshot("../../../docs/commands.md");
  });
});

it("takes a configuration that is described in docs/configuration.md, word for word", async () => {
  await expect(await renderConfigurationReference()).toMatchFileSnapshot("../../../docs/configuration.md");
});

describe("completion", () => {
  const complete = (words: string[]): string[] => {
    const script = join(homes.directory, "completion.bash");
    const list = words.map((word) => `'${word}'`).join(" ");
    const command = `source ${script}; COMP_WORDS=(clawmatrix ${list}); COMP_CWORD=${words.length}; _clawmatrix; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return spawnSync("bash", ["--norc", "-c", command], { encoding: "utf8" }).stdout.trim().split("\n");
  };

  it("completes commands, their commands and flags in bash", async () => {
    writeFileSync(join(homes.directory, "completion.bash"), await home.ok("completion", "bash"));
    expect(complete(["sess"])).toEqual(["session"]);
    expect(complete(["session", ""])).toEqual(
      expect.arrayContaining(["new", "list", "prompt", "attach", "close"]),
    );
    expect(complete(["session", "list", "--li"])).toEqual(["--limit"]);
    expect(complete(["run", "demo@server", "--perm"])).toEqual(["--permission"]);
    expect(complete(["members", "app"])).toEqual(["approve"]);
    expect(complete(["run", "demo", "--permission", ""])).toEqual(["ask", "allow", "deny", "reads"]);
    expect(complete(["demo-"])).toEqual([""]);
  });

  it.each(["zsh", "fish"])("is a script that %s takes, where there is one", async (shell) => {
    const script = await home.ok("completion", shell);
    expect(script).toContain("clawmatrix");
    const check = spawnSync(shell, ["-n"], { input: script, encoding: "utf8" });
    if (check.error === undefined) expect(check).toMatchObject({ status: 0, stderr: "" });
  });

  it("knows three shells", async () => {
    const { code, stderr } = await home.run(["completion", "tcsh"]);
    expect(stderr).toContain("Allowed choices are bash, zsh, fish");
    expect(code).toBe(2);
  });
});

/** Every command with its help, as a page. */
function renderCommands(): string {
  const program = createProgram("", async () => undefined);
  const shown = allCommands(program).filter((command) => !isHidden(command));
  const pages = shown.map((command) => {
    command.configureHelp({ helpWidth: 110 });
    let help = "";
    command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 110 });
    command.outputHelp();
    return `## ${nameOf(command)}\n\n\`\`\`\n${stripVTControlCharacters(help).trim()}\n\`\`\`\n`;
  });
  const note =
    "<!-- Made from the program by apps/node/test/program.test.ts; renew it with `vitest run -u`. -->";
  return `# Commands\n\n${note}\n\n${pages.join("\n")}`;
}

function isHidden(command: Command): boolean {
  return (command as Command & { _hidden?: boolean })._hidden === true;
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

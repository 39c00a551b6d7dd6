import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigurationError } from "./configuration-error.ts";
import { parseText } from "./parse-configuration.ts";
import { renderNewFile } from "./render-new-configuration.ts";

const source = { file: "config.toml", homedir: "/home/ada", hostname: "Box.example" };

const EXAMPLE = `
name = "server"
labels = ["home", "linux"]

[mesh]
listen = "0.0.0.0:19000"                 # accept peers; leave out behind NAT
advertise = ["wss://home.example/mesh"]  # how others reach it, if not as listened
peers = ["wss://relay.example:19000"]
relay = true

[gateway]
listen = "127.0.0.1:19080"

[[agents]]
id = "coder"
description = "Claude Code in the monorepo"
command = ["claude-agent-acp"]
env = { ANTHROPIC_API_KEY = { command = ["pass", "anthropic"] } }
directories = ["~/src"]
max_processes = 2
max_sessions = 8
idle = "5m"
timeout = "60s"
prewarm = 1

[[models]]
id = "qwen3-coder"
base_url = "http://127.0.0.1:11434/v1"
api = "openai"

[tools]
enable = ["read_file", "write_file", "edit_file", "list_directory", "find_text", "exec", "fetch"]
directories = ["~/src"]

[terminal]
enable = true

[[grants]]
to = ["laptop"]
allow = ["agent:*", "model:*", "tool:*", "terminal"]
`;

/** An agent with one rule, that has this in its fifth line. */
function rule(line: string): string {
  const action = line.startsWith("action") ? "" : '\naction = "allow"';
  return `[[agents]]\nid="a"\ncommand=["x"]\n[[agents.permissions]]\n${line}${action}`;
}

function problems(text: string): string[] {
  try {
    parseText(text, source);
  } catch (error) {
    if (error instanceof ConfigurationError)
      return error.problems.map((p) => `${p.line} ${p.key} ${p.message}`);
    throw error;
  }
  return [];
}

describe("the configuration file", () => {
  it("is read with every default, in milliseconds and bytes, with absolute directories", () => {
    const configuration = parseText(EXAMPLE, source);
    expect(configuration.mesh.listen).toEqual({ host: "0.0.0.0", port: 19000 });
    expect(configuration.agents[0]).toEqual({
      kind: "process",
      id: "coder",
      description: "Claude Code in the monorepo",
      tags: [],
      command: ["claude-agent-acp"],
      env: { ANTHROPIC_API_KEY: { command: ["pass", "anthropic"] } },
      directories: ["/home/ada/src"],
      maxProcesses: 2,
      maxSessions: 8,
      idleMs: 300_000,
      timeoutMs: 60_000,
      prewarm: 1,
      maxAgeMs: 86_400_000,
      maxServed: 200,
      maxMemoryBytes: 2 ** 31,
      serve: ["files", "terminals"],
      permission: "ask",
      permissionRules: [],
    });
    expect(configuration.tools.maxOutputBytes).toBe(4 * 2 ** 20);
    expect(configuration.models[0]).toMatchObject({ model: "qwen3-coder", apiKey: undefined });
  });

  it("knows agents that are endpoints, and rules in their order", () => {
    const text = `[[agents]]
id = "assistant"
url = "http://127.0.0.1:18789/v1/"
model = "openclaw:main"
api_key = { env = "TOKEN" }

[[agents.permissions]]
kind = ["read", "search"]
path = "~/src/docs/**"
action = "allow"

[[agents.permissions]]
title = "rm *"
action = "deny"
`;
    expect(parseText(text, source).agents[0]).toMatchObject({
      kind: "http",
      url: "http://127.0.0.1:18789/v1",
      model: "openclaw:main",
      apiKey: { env: "TOKEN" },
      headers: {},
      system: "",
      directories: ["/home/ada"],
      permissionRules: [
        { kinds: ["read", "search"], title: undefined, path: "~/src/docs/**", action: "allow" },
        { kinds: undefined, title: "rm *", path: undefined, action: "deny" },
      ],
    });
  });

  it("names the files of a certificate absolutely, and the nodes that a label means", () => {
    const text = '[mesh]\ncertificate = "~/tls/c.pem"\nkey = "/k.pem"\n[trusted_labels]\nhome = ["laptop"]';
    expect(parseText(text, source)).toMatchObject({
      mesh: { tls: { certificateFile: "/home/ada/tls/c.pem", keyFile: "/k.pem" } },
      trustedLabels: { home: ["laptop"] },
    });
  });

  it("lists the sessions of all programs and agents, of some, or of none", () => {
    const stored = (text: string) => parseText(text, source).sessions.stored;
    expect(stored("")).toEqual(["openclaw", "claude-code", "codex", "agents"]);
    expect(stored("[sessions]\nstored = true")).toEqual(stored(""));
    expect(stored('[sessions]\nstored = ["codex"]')).toEqual(["codex"]);
    expect(stored("[sessions]\nstored = false")).toEqual([]);
  });

  it("needs nothing: an empty file is a node with the machine's name and no agents", () => {
    expect(parseText("", source)).toMatchObject({
      name: "box",
      agents: [],
      mesh: { listen: undefined, relay: true, heartbeatMs: 10_000 },
    });
  });

  it.each([
    ["[mesh]\nlisen = 1", "2 mesh.lisen is no key that is known here; did you mean listen?"],
    ["\n\nnam = 1", "3 nam is no key that is known here; did you mean name?"],
    ["mesh = { relay = true,\tpeer = [] }", "1 mesh.peer is no key that is known here; did you mean peers?"],
    ["mesh.lisen = 1", "1 mesh.lisen is no key that is known here; did you mean listen?"],
    ['[mesh]\nheartbeat = "100ms"', "2 mesh.heartbeat must be between 1000 ms and 60 s"],
    ['[mesh]\ncertificate = "/a.pem"', "2 mesh.certificate needs the file of the key beside it: mesh.key"],
    ['[mesh]\nkey = "/a.pem"', "2 mesh.key needs the file of the certificate beside it: mesh.certificate"],
    [
      '[mesh]\ncertificate = "a.pem"\nkey = "/b"',
      "2 mesh.certificate must be an absolute path, or begin with ~/",
    ],
    ['[trusted_labels]\nhome = "laptop"', '2 trusted_labels.home must be a list, as in ["…"]'],
    ["[mesh]\nprewarm = 1", "2 mesh.prewarm is no key that is known here; it belongs into [[agents]]"],
    [
      '[[agents]]\nid="a"\ncommand=["x"]\n[[agents]]\nid="b"\ncommand=["x"]\nmax_proceses=1',
      "7 agents.b.max_proceses is no key that is known here; did you mean max_processes?",
    ],
    [
      '[[agents]]\nid="a"\ncommand=["x"]\n[agents.env]\nA=1',
      '5 agents.a.env.A must be a text, {env = "NAME"} or {command = ["program", "argument"]}',
    ],
    [
      '[[agents]]\nid="a"',
      "1 agents.a needs command or url: the program that speaks ACP, or the endpoint of a model",
    ],
    [
      '[[agents]]\nid="a"\ncommand=["x"]\nurl="http://h/v1"\nmodel="m"',
      "4 agents.a.url cannot stand beside command: an agent is either a program or an endpoint",
    ],
    ['[[agents]]\nid="a"\nurl="http://h/v1"', "1 agents.a needs model: the one that its url is asked for"],
    [
      '[[agents]]\nid="a"\nmodel="m"',
      "1 agents.a needs url: the program that speaks ACP, or the endpoint of a model",
    ],
    [
      '[[agents]]\nid="a"\ncommand=["x"]\napi_key="k"',
      "4 agents.a.api_key belongs to agents with url, and this one has none",
    ],
    [
      '[[agents]]\nid="a"\nurl="http://h"\nmodel="m"\nserve=[]',
      "5 agents.a.serve belongs to agents with command, and this one has none",
    ],
    [
      rule('kind=["reads"]'),
      "5 agents.a.permissions[1].kind[1] must be one of read, edit, delete, move, search, execute, think, fetch, switch_mode, other; did you mean read?",
    ],
    [rule("kind=[]"), "5 agents.a.permissions[1].kind must name a kind, or be left out for any"],
    [
      rule('action="alow"'),
      "5 agents.a.permissions[1].action must be one of allow, deny, ask; did you mean allow?",
    ],
    [rule('titls="x"'), "5 agents.a.permissions[1].titls is no key that is known here; did you mean title?"],
    [
      rule('path="src/**"'),
      "5 agents.a.permissions[1].path must begin with / or ~/, with ./ for the session's directory, or with **/ for anywhere",
    ],
    [rule('path="~/src/../**"'), "5 agents.a.permissions[1].path must not hold .."],
    [
      rule('path="/a\\\\b"'),
      "5 agents.a.permissions[1].path must have / between folders, and no other special characters",
    ],
    [
      rule('path="~/src/"'),
      "5 agents.a.permissions[1].path must not end with /: write /** for everything in a folder",
    ],
    ["[agents]\nid = 1", '1 agents must be a list, as in ["…"]'],
    ["[[mesh]]", "1 mesh must be a table"],
    ['[log]\nlevel = "warning"', "2 log.level must be one of debug, info, warn, error; did you mean warn?"],
    [
      "[sessions]\nmax_live = 9223372036854775807",
      "2 sessions.max_live must be a whole number from 1 to 10000",
    ],
    [
      '[sessions]\nstored = ["codx"]',
      '2 sessions.stored must be true, false, or a list of "openclaw", "claude-code", "codex", "agents"',
    ],
    ["name = 1979-05-27", "1 name must be a text in quotes"],
    ["name = nan", "1 name must be a text in quotes"],
    [
      '[gateway]\nlisten = "0.0.0.0:80"',
      "2 gateway.listen must be an address of this machine only: 127.0.0.1, [::1] or localhost",
    ],
    ['[mesh]\nlisten = "::1:80"', '2 mesh.listen must be HOST:PORT, as in "0.0.0.0:19000" or "[::1]:19000"'],
    ['[mesh]\npeers = [\n"wss://a",\n"https://b"]', "4 mesh.peers[2] must begin with ws:// or wss://"],
    ['[mesh]\npeers = ["wss://u:p@a"]', "2 mesh.peers[1] must not hold a user name or password"],
    [
      '[permissions]\nwait = "5 minutes"',
      '2 permissions.wait must be a duration such as "500ms", "60s", "5m", "1h30m"',
    ],
  ])("names line, key and what is wrong in %j", (text, message) => {
    expect(problems(text)).toEqual([message]);
  });

  it("names the line of a mistake in the TOML itself", () => {
    expect(problems("a = 1\nb = [\n")[0]).toMatch(/^3 {2}not TOML: /);
    expect(problems("name = 'a'\nname = 'b'")[0]).toMatch(/^2 {2}not TOML: .*multiple times/);
  });

  it("reports all mistakes at once, in the order of their lines", () => {
    const text = `labels = "x"
[mesh]
lisen = "a"
[[agents]]
id = "a"
command = ["x"]
prewarm = 5
[[agents]]
id = "a"
`;
    expect(problems(text).map((problem) => problem.split(" ").slice(0, 2).join(" "))).toEqual([
      "1 labels",
      "3 mesh.lisen",
      "7 agents.a.prewarm",
      "8 agents.a",
      "9 agents.a.id",
    ]);
  });

  it("says how many mistakes it does not show", () => {
    const text = Array.from({ length: 60 }, (_, i) => `zz${i}zz = 1`).join("\n");
    expect(() => parseText(text, source)).toThrow(/… and 10 more$/);
  });

  it("keeps secrets out of its messages", () => {
    const secret = "sk-very-secret";
    const text = `[[models]]\nid = "m"\nbase_url = "${secret}"\napi = "${secret}"\napi_key = { envv = "${secret}" }\nheaders = { A = ["${secret}"] }`;
    const messages = problems(text);
    expect(messages).toHaveLength(4);
    expect(messages.join()).not.toContain(secret);
  });

  it("answers any bytes with a configuration or a ConfigurationError", () => {
    const base = renderNewFile({ name: "n", listen: "0.0.0.0:1" })
      .replaceAll(/^# /gm, "")
      .replaceAll(/^##.*\n/gm, "");
    const mutated = fc
      .array(
        fc.tuple(
          fc.nat(base.length),
          fc.nat(12),
          fc.constantFrom(..."[]{}=\"'.,#\n\\0a-", "[[", "__proto__", "\u0000", "💥", "1e999"),
        ),
        { maxLength: 6 },
      )
      .map((cuts) =>
        cuts.reduce((text, [at, length, put]) => text.slice(0, at) + put + text.slice(at + length), base),
      );
    const check = (text: string): void => {
      try {
        parseText(text, source);
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigurationError);
        for (const { line, column } of (error as ConfigurationError).problems) {
          expect(line).toBeGreaterThan(0);
          expect(column).toBeGreaterThan(0);
        }
      }
    };
    fc.assert(fc.property(mutated, check), { numRuns: 100 });
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), check), { numRuns: 200 });
    check(`a = ${"[".repeat(100_000)}`);
    check(`[${"a.".repeat(50_000)}b]`);
  });
});

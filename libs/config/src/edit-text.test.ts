import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editText } from "./edit-text.ts";
import { parseText } from "./parse-configuration.ts";
import { renderNewFile } from "./render-new-configuration.ts";

const source = { file: "config.toml", homedir: "/home/ada", hostname: "box" };
const edit = (text: string, change: Parameters<typeof editText>[1]): string =>
  editText(text, change, "config.toml");

const THREE_AGENTS = `name = "n" # mine

# first
[[agents]]
id = "a"
command = ["a"]
# prewarm = 1

# about b
# in two lines
[[agents]]
id = "b" # b
command = ["b"] # run
# of b's env
[agents.env]
X = "1" # x
# below b

# of nobody

# about c
[[agents]]
id = "c"
command = ["c"]

[log]
level = "debug"
`;

describe("editing the configuration", () => {
  it("adds an agent that is an endpoint, with its key where it comes from", () => {
    const agent = { id: "d", url: "http://h/v1", model: "m", apiKey: { env: "KEY" } };
    const edited = edit("", { kind: "add-agent", agent });
    expect(edited).toBe(
      '[[agents]]\nid = "d"\nurl = "http://h/v1"\nmodel = "m"\napi_key = { env = "KEY" }\n',
    );
    expect(parseText(edited, source).agents[0]).toMatchObject({ kind: "http", apiKey: { env: "KEY" } });
  });

  it("removes an agent with its rules", () => {
    const rule = '[[agents.permissions]]\ntitle = "x"\naction = "deny"\n';
    const text = THREE_AGENTS.replace("# about b", `${rule}\n# about b`);
    expect(edit(text, { kind: "remove-agent", id: "a" })).not.toContain("permissions");
    expect(edit(text, { kind: "remove-agent", id: "b" })).toContain(rule);
  });

  it("adds an agent after the last one and leaves the rest as it was", () => {
    const agent = { id: "d", command: ["d", 'x"y'] as [string, ...string[]], env: { KEY: { env: "KEY" } } };
    const edited = edit(THREE_AGENTS, { kind: "add-agent", agent });
    const block = '[[agents]]\nid = "d"\ncommand = ["d", "x\\"y"]\nenv = { KEY = { env = "KEY" } }\n\n';
    expect(edited).toBe(THREE_AGENTS.replace("[log]", `${block}[log]`));
    expect(parseText(edited, source).agents.map(({ id }) => id)).toEqual(["a", "b", "c", "d"]);
  });

  it("removes exactly the block, its sub-tables and its comments", () => {
    const edited = edit(THREE_AGENTS, { kind: "remove-agent", id: "b" });
    const start = THREE_AGENTS.indexOf("# about b");
    const end = THREE_AGENTS.indexOf("# of nobody");
    expect(edited).toBe(THREE_AGENTS.slice(0, start) + THREE_AGENTS.slice(end));
    expect(edit(edited, { kind: "remove-agent", id: "a" })).not.toMatch(/first|prewarm/);
  });

  it("removes parts of a block that stand apart", () => {
    const text = '[[agents]]\nid = "a"\ncommand = ["x"]\n\n[log]\nlevel = "info"\n\n[agents.env]\nA = "1"\n';
    expect(edit(text, { kind: "remove-agent", id: "a" })).toBe('[log]\nlevel = "info"\n');
  });

  it("refuses an agent that is there, one that is not, and agents written as one list", () => {
    const agent = { id: "a", command: ["a"] as [string] };
    expect(() => edit(THREE_AGENTS, { kind: "add-agent", agent })).toThrow(/configured already/);
    expect(() => edit(THREE_AGENTS, { kind: "remove-agent", id: "x" })).toThrow(/no agent "x"/);
    const inline = 'agents = [{ id = "q", command = ["q"] }]';
    expect(() => edit(inline, { kind: "add-agent", agent })).toThrow(/as one list/);
  });

  it("undoes what it added, whatever stands around it", () => {
    const chunks = fc.constantFrom(
      "# loose\n",
      "\n",
      "[log]\n",
      '[[models]]\nid = "m"\nbase_url = "http://a"\napi = "openai"\n',
      '# a\n[[agents]]\nid = "a"\ncommand = ["a"]\n',
    );
    fc.assert(
      fc.property(fc.uniqueArray(chunks), fc.boolean(), (parts, crlf) => {
        const text = parts.join("\n").replaceAll("\n", crlf ? "\r\n" : "\n");
        const added = edit(text, { kind: "add-agent", agent: { id: "new", command: ["new"] } });
        expect(parseText(added, source).agents.map(({ id }) => id)).toContain("new");
        const removed = edit(added, { kind: "remove-agent", id: "new" });
        expect(removed.split(/\s+/)).toEqual(expect.arrayContaining(text.trim().split(/\s+/)));
        expect(parseText(removed, source)).toEqual(parseText(text, source));
        if (text.includes("\r\n")) expect(added).not.toMatch(/[^\r]\n/);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ["", '[mesh]\npeers = ["ws://p"]\n'],
    ["[mesh]\nrelay = true\n", '[mesh]\npeers = ["ws://p"]\nrelay = true\n'],
    ["[mesh] # m\n", '[mesh] # m\npeers = ["ws://p"]\n'],
    ["mesh.relay = true # r\n", 'mesh.relay = true # r\nmesh.peers = ["ws://p"]\n'],
    ["mesh = { relay = true }\n", 'mesh = { relay = true, peers = ["ws://p"] }\n'],
    ["mesh = {}\n", 'mesh = { peers = ["ws://p"] }\n'],
    ['mesh.peers = ["ws://o"] # old\n', 'mesh.peers = ["ws://p"] # old\n'],
    ["[mesh]\npeers = []\n", '[mesh]\npeers = ["ws://p"]\n'],
  ])("sets the peers in %j", (text, edited) => {
    expect(edit(text, { kind: "set-peers", peers: ["ws://p"] })).toBe(edited);
    expect(parseText(edited, source).mesh.peers).toEqual(["ws://p"]);
  });

  it("adds peers to a list without losing the comments in it", () => {
    const text = '[mesh]\npeers = [\n  "ws://a", # home\n  "ws://b", # office\n]\n';
    const edited = edit(text, { kind: "set-peers", peers: ["ws://a", "ws://b", "ws://c"] });
    expect(edited).toBe('[mesh]\npeers = [\n  "ws://a", # home\n  "ws://b", "ws://c", # office\n]\n');
    expect(parseText(edited, source).mesh.peers).toEqual(["ws://a", "ws://b", "ws://c"]);
  });

  it("sets the name, also where there is none and tables come first", () => {
    expect(edit('name = "a" # who\n', { kind: "set-name", name: "b" })).toBe('name = "b" # who\n');
    expect(edit("[log]\n", { kind: "set-name", name: "b" })).toBe('name = "b"\n[log]\n');
  });

  it("works on the file that init writes", () => {
    const text = renderNewFile({ name: "n" });
    const agent = { id: "x", command: ["x"] as [string] };
    const edited = edit(edit(text, { kind: "add-agent", agent }), { kind: "set-peers", peers: ["wss://p"] });
    expect(parseText(edited, source)).toMatchObject({
      name: "n",
      mesh: { peers: ["wss://p"] },
      agents: [{ id: "x" }],
    });
    expect(edit(edited, { kind: "remove-agent", id: "x" }).trim()).toBe(
      edit(text, { kind: "set-peers", peers: ["wss://p"] }).trim(),
    );
  });
});

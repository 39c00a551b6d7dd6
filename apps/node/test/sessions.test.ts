import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Home, Homes, type Running } from "./homes.ts";
import { type SmallMesh, startSmallMesh } from "./small-mesh.ts";

interface Session {
  readonly id: string;
  readonly [key: string]: unknown;
}

const homes = new Homes();
let mesh: SmallMesh;
let laptop: Home;
/** Asks, and nobody answers: begun first, since it takes its time. */
let unanswered: Running;
beforeAll(async () => {
  mesh = await startSmallMesh(homes);
  laptop = mesh.laptop;
  unanswered = laptop.start(["run", "demo@server", "run echo unanswered", "--json"]);
});
afterAll(() => homes[Symbol.asyncDispose]());

const newSession = async (): Promise<string> => (await laptop.ok("session", "new", "demo@server")).trim();

describe("a session", () => {
  it("is opened, listed, prompted, closed, and can still be read", async () => {
    const made = await laptop.json<Session>("session", "new", "demo@server", "--title", "try it");
    expect(made).toMatchObject({
      agent: "demo",
      node: "server",
      title: "try it",
      cwd: mesh.workspace,
      source: "live",
      state: "idle",
      updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      watchers: 0,
    });
    expect(await laptop.ok("session", "prompt", made.id, "first")).toContain("you said: first");
    expect(await laptop.ok("session", "prompt", made.id.slice(0, 6), "second")).toBe("you said: second\n");
    const list = await laptop.json<Session[]>("session", "list", "--limit", "1");
    expect(list).toEqual([expect.objectContaining({ id: made.id, state: "idle" })]);
    expect(await laptop.ok("session", "list", "--agent", "demo@server")).toMatch(
      new RegExp(`${made.id} +demo@server +idle +\\S+ \\w+ +try it`),
    );
    expect(await laptop.json("session", "close", made.id)).toEqual({ id: made.id, state: "closed" });
    const { code, stdout } = await laptop.run(["session", "attach", made.id]);
    expect(stdout).toMatch(/› first\n[\s\S]*you said: first\n› second\nyou said: second\n$/);
    expect(code).toBe(0);
    const late = await laptop.run(["session", "prompt", made.id, "third"]);
    expect(late.stderr).toMatch(/was closed\n {2}\S/);
    expect(late.code).toBe(1);
  });

  it("is shown from the event that one names", async () => {
    const id = await newSession();
    await laptop.ok("session", "prompt", id, "early");
    const whole = await laptop.run(["session", "prompt", id, "late", "--json"]);
    const seq = JSON.parse(whole.stdout.split("\n")[1]!).seq as number;
    await laptop.ok("session", "close", id);
    const since = await laptop.ok("session", "attach", id, "--since", String(seq - 2));
    expect(since).toContain("you said: late");
    expect(since).not.toContain("early");
  });

  it("is seen by all who watch it, and its turn is stopped from another node", async () => {
    const id = await newSession();
    const watchers = [laptop, mesh.server].map((home) => home.start(["session", "attach", id, "--json"]));
    await Promise.all(watchers.map((watcher) => watcher.until(/"type":"session"/)));
    const prompt = laptop.start(["session", "prompt", id, "slow 100"]);
    await Promise.all(watchers.map((watcher) => watcher.until(/agent_message_chunk/)));
    const [listed] = await laptop.json<Session[]>("session", "list", "--limit", "1");
    expect(listed).toMatchObject({ id, state: "running" });
    expect(await mesh.server.json("session", "cancel", id)).toEqual({ id, wasRunning: true });
    const { code, stderr } = await prompt.done;
    expect(stderr).toContain("The turn ended without being completed: cancelled.");
    expect(code).toBe(1);
    expect(await laptop.json("session", "cancel", id)).toEqual({ id, wasRunning: false });
    await laptop.ok("session", "close", id);
    const seen = await Promise.all(watchers.map(({ done }) => done));
    const events = seen.map(({ stdout }) =>
      stdout.split("\n").filter((line) => /"type":"(update|end)"/.test(line)),
    );
    expect(events[0]).toEqual(events[1]);
    expect(seen.map((result) => result.code)).toEqual([0, 0]);
  });

  it("goes on when who watches it leaves by ctrl-c", async () => {
    const id = await newSession();
    const watcher = laptop.start(["session", "attach", id]);
    await watcher.until(/ctrl-c leaves it running/);
    watcher.child.kill("SIGINT");
    expect((await watcher.done).code).toBe(130);
    expect(await laptop.ok("session", "prompt", id, "still here")).toContain("you said: still here");
    await laptop.ok("session", "close", id);
  });

  it("takes prompts one after the other, or refuses", async () => {
    const id = await newSession();
    const first = laptop.start(["session", "prompt", id, "slow 20"]);
    await first.until(/1/);
    const [refused, second] = await Promise.all([
      laptop.run(["session", "prompt", id, "now or never", "--refuse-if-running"]),
      laptop.run(["session", "prompt", id, "patient"]),
    ]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/a turn of this session is running/);
    expect(second.stdout).toContain("you said: patient");
    expect((await first.done).code).toBe(0);
    await laptop.ok("session", "close", id);
  });

  it("that nobody knows is an error that says where to look", async () => {
    const { code, stderr } = await laptop.run(["session", "attach", "nosuchsession"]);
    expect(stderr).toMatch(
      /there is no session "nosuchsession" that you may see\n {2}See `clawmatrix session list`/,
    );
    expect(code).toBe(1);
  });
});

describe("a permission that nobody answers", () => {
  it("is denied after a while where there is no terminal to ask at", async () => {
    const { code, stdout, stderr } = await unanswered.done;
    expect(stderr).toMatch(/nobody is here: 10 s for an answer from elsewhere, then it is denied/);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; id?: string });
    const asked = lines.find(({ type }) => type === "permission")!;
    expect(lines.find(({ type }) => type === "answered")).toMatchObject({
      id: asked.id,
      outcome: { outcome: "selected", optionId: expect.stringMatching(/reject/) },
    });
    expect(code).toBe(0);
  });
});

describe("what waits for a person", () => {
  it("is answered from another node, by a number, and only once", async () => {
    const run = laptop.start(["run", "demo@server", "run echo answered", "--json"]);
    const [, id] = await run.until(/"type":"permission","seq":\d+,"id":"(\w+)"/);
    const inbox = await mesh.server.json<{ id: string }[]>("inbox");
    expect(inbox).toEqual([
      {
        id,
        kind: "permission",
        node: "server",
        session: expect.any(String),
        agent: "demo",
        title: "run echo answered",
        text: expect.stringContaining("echo answered"),
        options: expect.arrayContaining([
          { id: expect.any(String), name: expect.any(String), kind: "allow_once" },
        ]),
        since: expect.stringMatching(/Z$/),
      },
    ]);
    expect(await mesh.server.ok("inbox")).toMatch(
      new RegExp(`${id}.*\n  run echo answered\n[\\s\\S]*answer ${id}`),
    );
    const wrong = await mesh.server.run(["answer", id!, "perhaps"]);
    expect(wrong.stderr).toMatch(/"perhaps" is none of the choices\n {2}Choose one of: 1 /);
    expect(wrong.code).toBe(2);
    await mesh.server.ok("answer", id!, "allow_once");
    const { code, stdout } = await run.done;
    expect(stdout).toMatch(
      new RegExp(`"type":"answered","seq":\\d+,"id":"${id}","by":"server","how":"person"`),
    );
    expect(stdout).toContain("answered\\n");
    expect(code).toBe(0);
    const late = await mesh.server.run(["answer", id!, "1"]);
    expect(late.stderr).toContain("it was answered already: by server");
    expect(late.code).toBe(1);
    expect(await mesh.server.json("inbox")).toEqual([]);
  });

  it("is a question as well, answered by a text", async () => {
    const run = laptop.start(["run", "demo@server", "ask what is your name?"]);
    await run.until(/asks \(question/);
    const [question] = await laptop.json<{ id: string; kind: string; text: string }[]>("inbox");
    expect(question).toMatchObject({ kind: "question", text: expect.stringContaining("what is your name?") });
    await laptop.ok("answer", question!.id.slice(0, 8), "a", "short", "name");
    const { code, stdout } = await run.done;
    expect(stdout).toContain("a short name");
    expect(code).toBe(0);
  });

  it("is watched: once for each change", async () => {
    const watch = mesh.server.start(["inbox", "--watch", "--json"]);
    await watch.until(/^\[\]\n/);
    const run = laptop.start(["run", "demo@server", "run echo watched"]);
    const [, id] = await watch.until(/^\[{"id":"(\w+)"/m);
    await mesh.server.ok("answer", id!, "2");
    await run.done;
    await watch.until(/\]\n\[\]\n$/);
    watch.child.kill("SIGINT");
    const { code, stdout } = await watch.done;
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as unknown[]).length),
    ).toEqual([0, 1, 0]);
    expect(code).toBe(130);
  });

  it("is known by its id, or is nothing", async () => {
    const { code, stderr } = await laptop.run(["answer", "nothing-like-this", "1"]);
    expect(stderr).toMatch(/nothing with the id "nothing-like-this" waits for you\n {2}`clawmatrix inbox`/);
    expect(code).toBe(1);
  });
});

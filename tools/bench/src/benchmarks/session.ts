import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { resolvePaths } from "@clawmatrix/config";
import { RelayedMesh } from "@clawmatrix/faults";
import { privateEnvironment, ScriptedModel } from "@clawmatrix/real-agents";
import { clawmatrixProgram } from "../agents/clawmatrix-program.ts";
import type { AgentProgram } from "../agents/stdio-agent.ts";
import type { Benchmark, Report, Row } from "../benchmark.ts";
import { Child } from "../processes/child.ts";
import { median, middleHalf } from "../statistics.ts";
import { catalogueOnPath, publishedAgents } from "./session/contestants.ts";

const ROUNDS = 11;
/** A cold start takes seconds. */
const COLD_ROUNDS = 5;
/** What an agent does of its own accord after a turn (a title, a summary) is over by then. */
const REST_MS = 500;
const FOLDER = join(import.meta.dirname, "session");

interface Warm {
  readonly id: string;
  readonly processPerSession: boolean;
  readonly direct: AgentProgram;
  /** Milliseconds, one a round. */
  readonly ours: number[];
  readonly theirs: number[];
}

interface Cold {
  readonly name: string;
  readonly ms: number[];
}

export const benchmark: Benchmark = {
  name: "session",
  work: "first update of a prompt in a new session of an agent that runs already, from a server through a relay to a client of a laptop",
  async run(report) {
    await using cleanup = new AsyncDisposableStack();
    const directory = await mkdtemp(join(tmpdir(), "clawmatrix-bench-"));
    cleanup.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }));
    const model = await ScriptedModel.start();
    cleanup.defer(() => model.close());
    // Agents run login shells: with a person's own profile these would be what is measured.
    const person = privateEnvironment(directory);
    await mkdir(join(directory, "tmp"));
    const { installed, missing } = await publishedAgents(directory, model.origin);
    const mesh = await RelayedMesh.start({
      relays: ["relay"],
      heartbeat: "15s",
      env: person,
      agents: installed.map(({ id, offered }) => ({ id, ...offered })),
    });
    cleanup.defer(() => mesh.end());
    // Where the node has its agents work: what they find there costs both sides the same.
    const cwd = mesh.server.home;
    const direct = Child.start(join(FOLDER, "direct.ts"));
    cleanup.defer(() => direct.end());
    cleanup.defer(() => direct.request("end"));
    const client = Child.start(join(FOLDER, "client.ts"));
    cleanup.defer(() => client.end());

    const { socket } = resolvePaths({ CLAWMATRIX_HOME: mesh.laptop.home }, process.platform, homedir());
    await client.request("start", socket);
    // What it says it keeps on the disk, as that of the node does.
    const env = { ...person, CLAWMATRIX_DEMO_STATE: join(cwd, "direct-state") };
    const demo = { command: clawmatrixProgram("demo-agent"), env, cwd };
    const warm: Warm[] = [
      { id: "demo", processPerSession: false, direct: demo, ours: [], theirs: [] },
      ...installed.map(({ id, direct, processPerSession }) => ({
        id,
        processPerSession,
        direct: { command: direct.command, env: { ...person, ...direct.env }, cwd },
        ours: [],
        theirs: [],
      })),
    ];
    await measureWarm(warm, direct, client, report);
    const cold = await measureCold(warm, { env: person, cwd }, direct, report);
    return rows(warm, cold, missing);
  },
};

/** Agent after agent, directly and through the mesh in turn. The first round warms up and counts for nothing. */
async function measureWarm(
  warm: readonly Warm[],
  direct: Child,
  client: Child,
  report: Report,
): Promise<void> {
  for (const { id, direct: program } of warm) await direct.request("start", { id, program });
  for (let round = 0; round <= ROUNDS; round++) {
    report(round === 0 ? "warming up" : `round ${round} of ${ROUNDS}`);
    for (const { id, ours, theirs } of warm) {
      await sleep(REST_MS);
      const their = await direct.request<number>("firstUpdate", id);
      await sleep(REST_MS);
      const our = await client.request<number>("firstUpdate", id);
      if (round === 0) continue;
      theirs.push(their);
      ours.push(our);
    }
  }
}

async function measureCold(
  warm: readonly Warm[],
  place: Pick<AgentProgram, "env" | "cwd">,
  direct: Child,
  report: Report,
): Promise<readonly Cold[]> {
  const cold: Cold[] = [];
  const measure = async (
    name: string,
    handler: "cold" | "coldStart",
    program: AgentProgram,
  ): Promise<void> => {
    report(`a cold start of ${name}`);
    const ms: number[] = [];
    for (let round = 0; round < COLD_ROUNDS; round++) ms.push(await direct.request<number>(handler, program));
    cold.push({ name, ms });
  };
  for (const { id, direct: program } of warm) await measure(id, "cold", program);
  // These have no model here to answer a prompt; their start alone is less than what a person waits for.
  for (const { id, command } of catalogueOnPath())
    await measure(`${id} (its start alone)`, "coldStart", { ...place, command });
  return cold;
}

function rows(warm: readonly Warm[], cold: readonly Cold[], missing: readonly string[]): Row[] {
  const slowest = cold.reduce((one, other) => (median(other.ms) > median(one.ms) ? other : one));
  const measured = warm.flatMap(({ id, ours, theirs, processPerSession }): Row[] => {
    const own = processPerSession ? "; it starts a process for each session" : "";
    return [
      {
        work: id,
        against: "the same, spoken to directly",
        ...ratio(ours.map((time, round) => time / (theirs[round] as number))),
        goal: { atMost: 1.2 },
        note: `${milliseconds(ours)} against ${milliseconds(theirs)}`,
      },
      {
        work: id,
        against: `a cold start of ${slowest.name}`,
        ...ratio(ours.map((time, round) => (slowest.ms[round % slowest.ms.length] as number) / time)),
        ...(processPerSession ? {} : { goal: { atLeast: 10 } }),
        note: `${milliseconds(ours)} against ${milliseconds(slowest.ms)}${own}`,
      },
    ];
  });
  const install = (id: string): Row => ({
    work: id,
    against: "the same, spoken to directly",
    ratio: undefined,
    goal: { atMost: 1.2 },
    note: `not installed; \`npm run test:agents -- ${id}\` installs it`,
  });
  return [...measured, ...missing.map(install)];
}

function ratio(ratios: readonly number[]): Pick<Row, "ratio" | "spread"> {
  return { ratio: median(ratios), spread: middleHalf(ratios) };
}

function milliseconds(times: readonly number[]): string {
  return `${median(times).toFixed(1)} ms`;
}

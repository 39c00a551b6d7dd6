import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgentLaunch, RealAgent } from "./agents/real-agent.ts";
import { type Arguments, readArguments, USAGE } from "./arguments.ts";
import { Checks, expect, reason } from "./checks.ts";
import { checkDirectly } from "./direct/direct-checks.ts";
import { installAgent } from "./install.ts";
import { checkThroughMesh } from "./mesh/mesh-checks.ts";
import { processesLeft } from "./mesh/processes-left.ts";
import { checkRestarts } from "./mesh/restart-checks.ts";
import { checkScreens } from "./mesh/screen-checks.ts";
import { ThreeNodes } from "./mesh/three-nodes.ts";
import { ScriptedModel } from "./scripted-model/server.ts";

interface PreparedAgent {
  readonly agent: RealAgent;
  readonly launch: AgentLaunch;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${reason(error)}\n`);
  process.exitCode = 1;
}

async function main(args: readonly string[]): Promise<number> {
  let wanted: Arguments;
  try {
    wanted = readArguments(args);
  } catch (error) {
    process.stderr.write(`${reason(error)}\n\n${USAGE}`);
    return 2;
  }
  if (wanted.help) {
    process.stdout.write(USAGE);
    return 0;
  }

  const checks = new Checks();
  const entries = new Map<RealAgent, string>();
  for (const agent of wanted.agents) entries.set(agent, await installAgent(agent, process.env));

  await using cleanup = new AsyncDisposableStack();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void cleanup.disposeAsync().finally(() => process.exit(130)));
  }
  // The real path, since agents report it, and on macOS the temporary directory is behind a link.
  const place = await realpath(await mkdtemp(join(tmpdir(), "clawmatrix-agents-")));
  cleanup.defer(() => rm(place, { recursive: true, force: true, maxRetries: 3 }));
  cleanup.defer(async () => {
    for (const { pid } of await processesLeft(place)) process.kill(pid, "SIGKILL");
  });
  const workDirectory = join(place, "work");
  for (const directory of [workDirectory, join(place, "tmp")]) await mkdir(directory);

  const model = await ScriptedModel.start();
  cleanup.defer(() => model.close());
  const prepared: PreparedAgent[] = [];
  for (const [agent, entry] of entries) {
    const settingsDirectory = join(place, `${agent.id}-settings`);
    await mkdir(settingsDirectory);
    const launch = await agent.prepare({ entry, settingsDirectory, modelOrigin: model.origin });
    prepared.push({ agent, launch });
  }

  if (wanted.direct) {
    for (const { agent, launch } of prepared) {
      console.log(`\n${agent.id} (${agent.package}@${agent.version}), spoken to directly`);
      await checkDirectly(checks, { launch, model, place, workDirectory, show: wanted.show });
    }
  } else {
    const agents = prepared.map(({ agent, launch }) => ({ id: agent.id, launch }));
    const nodes = new ThreeNodes({ place, workDirectory, agents });
    cleanup.defer(async () => void (await nodes.stop()));
    console.log("\nlaptop, relay and server");
    const running = await checks.check("start, and laptop sees the agents of server", () => nodes.start());
    if (running) {
      await checks.check("laptop reaches server through relay alone", () => reachedThroughRelay(nodes));
      for (const { agent } of prepared) {
        console.log(`\n${agent.id} (${agent.package}@${agent.version}) on server, used from laptop`);
        const options = { nodes, agentId: agent.id, model, workDirectory };
        await checkThroughMesh(checks, options);
        await checkScreens(checks, options);
        await checkRestarts(checks, { ...options, place });
        console.log(
          `\n${agent.id} (${agent.package}@${agent.version}) on server, as an editor on laptop has it`,
        );
        const launch = nodes.laptop.editorsLaunch(`${agent.id}@server`);
        await checkDirectly(checks, { launch, model, place, workDirectory, show: wanted.show });
      }
      console.log("\nlaptop, relay and server");
      await checks.check("stop when told to", async () => {
        const problems = await nodes.stop();
        expect(problems.length === 0, problems.join("\n"));
      });
    }
  }
  await checks.check("no process is left", async () => {
    const left = await processesLeft(place);
    expect(left.length === 0, left.map(({ pid, commandLine }) => `${pid} ${commandLine}`).join("\n"));
  });
  return checks.summary() ? 0 : 1;
}

async function reachedThroughRelay(nodes: ThreeNodes): Promise<void> {
  const status = await nodes.laptop.mustJson<{
    readonly peers: readonly { readonly name: string; readonly state: string; readonly via?: string }[];
  }>("status");
  const server = status.peers.find(({ name }) => name === "server");
  expect(
    server?.state === "relayed" && server.via === "relay",
    `status says about server: ${JSON.stringify(server)}`,
  );
}

import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { RealAgent } from "./agents/real-agent.ts";

/** Downloads of some hundred megabytes over a slow line. */
const INSTALL_DEADLINE_MS = 15 * 60_000;

/** Where agents are kept between runs: outside of the project, since they are large and not its dependencies. */
function cacheDirectory(environment: NodeJS.ProcessEnv): string {
  return join(environment.XDG_CACHE_HOME || join(homedir(), ".cache"), "clawmatrix", "test-agents");
}

/** The entry point of an agent that an earlier run installed, a JavaScript file; undefined if none did. */
export function findInstalledAgent(
  agent: RealAgent,
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  return entryPoint(agent, directoryOf(agent, environment));
}

/**
 * Installs `agent` with the npm that `environment` has on its PATH, unless an earlier run did, and returns its entry point, a JavaScript file.
 * What npm says goes to standard error. A run that is broken off leaves no half-installed agent to be taken
 * for a whole one.
 * @throws Error when npm is not there, fails, or leaves out the program for this platform.
 */
export async function installAgent(agent: RealAgent, environment: NodeJS.ProcessEnv): Promise<string> {
  const wanted = `${agent.package}@${agent.version}`;
  const directory = directoryOf(agent, environment);
  const installed = await entryPoint(agent, directory);
  if (installed !== undefined) return installed;

  process.stderr.write(`Installing ${wanted} into ${directory} (about 450 MB, once) …\n`);
  await mkdir(dirname(directory), { recursive: true });
  const partial = await mkdtemp(`${directory}.partial-`);
  try {
    await npmInstall(wanted, partial, environment);
    if ((await entryPoint(agent, partial)) === undefined) {
      throw new Error(
        `npm installed ${wanted} without its program for ${process.platform}-${process.arch} ` +
          `(${agent.nativePackage}…): the registry in use may not carry it. Try another registry.`,
      );
    }
    await rm(directory, { recursive: true, force: true });
    await rename(partial, directory);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return (await entryPoint(agent, directory)) as string;
}

function directoryOf(agent: RealAgent, environment: NodeJS.ProcessEnv): string {
  return join(cacheDirectory(environment), `${basename(agent.package)}@${agent.version}`);
}

/** The agent's entry point in `directory`, or nothing if it is not, or not wholly, installed there. */
async function entryPoint(agent: RealAgent, directory: string): Promise<string | undefined> {
  const modules = join(directory, "node_modules");
  const [scope, native] = agent.nativePackage.split("/") as [string, string];
  const platform = `${native}${process.platform}-${process.arch}`;
  try {
    const neighbours = await readdir(join(modules, scope));
    if (!neighbours.some((name) => name.startsWith(platform))) return undefined;
    const manifest = JSON.parse(await readFile(join(modules, agent.package, "package.json"), "utf8"));
    return join(modules, agent.package, manifest.bin[agent.bin]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function npmInstall(wanted: string, directory: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const args = ["install", "--prefix", directory, "--no-audit", "--no-fund", "--no-save", wanted];
  const child = spawn(npm, args, {
    cwd: directory,
    env: environment,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
    timeout: INSTALL_DEADLINE_MS,
  });
  const end = await new Promise<string | undefined>((resolve, reject) => {
    child.once("error", (cause) => reject(new Error("could not start npm; is it on the PATH?", { cause })));
    child.once("exit", (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  });
  if (end !== undefined) {
    throw new Error(
      `npm could not install ${wanted} (${end}); its own words are above. ` +
        "It needs a package registry that can be reached and some 500 MB of disk.",
    );
  }
}

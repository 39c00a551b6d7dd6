/**
 * What `npm start`, `npm test` and the other scripts of the root call: makes every one of them work as the very first
 * command after a clone. Plain JavaScript without dependencies, since it runs on whatever Node the machine has, before
 * anything is installed. The work itself runs on the Node of node_modules/.bin, which `npm install` brings along.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const bin = join(root, "node_modules", ".bin");
const needed = 24;

/** What each script runs, one step after the other; arguments of the command line go to the last step. */
const steps = {
  start: [quietly("nx", "run-many", "-t", "build"), ["node", "apps/node/dist/main.js", "lab"]],
  build: [["nx", "run-many", "-t", "build"]],
  gen: [["nx", "run-many", "-t", "gen"]],
  test: [["node", "tools/workspace/src/test-all.ts"]],
  check: [["node", "tools/workspace/src/check-all.ts"]],
  bench: [quietly("nx", "run-many", "-t", "build"), ["node", "tools/bench/src/main.ts"]],
  soak: [["node", "tools/simulator/src/soak.ts"]],
  fuzz: [["node", "tools/fuzz/src/main.ts"]],
  simulate: [["node", "tools/simulator/src/simulate.ts"]],
  "test:agents": [quietly("nx", "run-many", "-t", "build"), ["node", "tools/real-agents/src/main.ts"]],
};

function quietly(...command) {
  return Object.assign(command, { quiet: true });
}

/** Everything that decides what `npm install` makes: the lock and all package.json files of the workspace. */
function installFingerprint() {
  const hash = createHash("sha256");
  const { workspaces } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const folders = workspaces.flatMap((pattern) =>
    pattern.endsWith("/*")
      ? readdirSync(join(root, pattern.slice(0, -2)), { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .map((entry) => join(pattern.slice(0, -2), entry.name))
      : [pattern],
  );
  for (const file of [
    "package-lock.json",
    "package.json",
    ...folders.map((folder) => join(folder, "package.json")),
  ]) {
    if (existsSync(join(root, file))) hash.update(file).update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

function install() {
  const stamp = join(root, "node_modules", ".clawmatrix-install");
  const fingerprint = installFingerprint();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint) return;
  console.error("clawmatrix: installing packages (once, about half a minute) …");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const { status } = spawnSync(npm, ["install", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0)
    fail("npm install failed; its messages are above. Mend that, then type the same command again.");
  writeFileSync(stamp, installFingerprint());
}

/** The Node that runs the project: the one that was installed, else the machine's own if it is new enough. */
function checkNode() {
  const local = spawnSync(join(bin, "node"), ["--version"], { encoding: "utf8" });
  const version = local.status === 0 ? local.stdout.trim() : process.version;
  if (Number(version.slice(1).split(".")[0]) >= needed) return;
  fail(
    `Node ${needed} or newer is needed, this is ${version}, and the package that brings one along is not to be had ` +
      `for ${process.platform}-${process.arch}. Install Node ${needed} from https://nodejs.org and try again.`,
  );
}

function fail(message) {
  console.error(`clawmatrix: ${message}`);
  process.exit(1);
}

/** Runs one command to its end. Signals of the terminal reach the child by themselves; here they only must not end us first. */
function run([command, ...args], quiet) {
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ""}`, NX_TUI: "false" };
  const child = spawn(command, args, {
    cwd: root,
    env,
    stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit",
    shell: process.platform === "win32",
  });
  const output = [];
  child.stdout?.on("data", (chunk) => output.push(chunk));
  child.stderr?.on("data", (chunk) => output.push(chunk));
  return new Promise((resolve) => {
    child.on("error", (error) => fail(`${command} could not be started: ${error.message}`));
    child.on("exit", (code, signal) => {
      if (quiet && code !== 0) process.stderr.write(Buffer.concat(output));
      resolve(code ?? (signal === "SIGINT" ? 130 : 1));
    });
  });
}

const [name, ...args] = process.argv.slice(2);
if (!Object.hasOwn(steps, name)) fail(`unknown script ${name}; there are ${Object.keys(steps).join(", ")}`);
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => (interrupted = true));
install();
checkNode();
for (const [index, step] of steps[name].entries()) {
  const last = index === steps[name].length - 1;
  if (step.quiet)
    process.stderr.write(
      `clawmatrix: ${step.includes("build") ? "building what has changed" : step.join(" ")} …\n`,
    );
  const code = await run(last ? [...step, ...args] : step, step.quiet);
  if (code !== 0) process.exit(code);
  if (interrupted && !last) process.exit(130);
}

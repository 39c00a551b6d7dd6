import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { codex } from "./agents/codex.ts";
import { installAgent } from "./install.ts";

let place: string;
let environment: NodeJS.ProcessEnv;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "install-test-"));
  await mkdir(join(place, "bin"));
  environment = { XDG_CACHE_HOME: join(place, "cache"), PATH: join(place, "bin") };
});
afterEach(() => rm(place, { recursive: true }));

/** Puts an npm on the PATH that runs `script`, in which $3 is the directory to install into. */
async function npmThat(script: string): Promise<void> {
  const file = join(place, "bin", "npm");
  await writeFile(file, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
  await chmod(file, 0o755);
}

/** What npm leaves behind when it installs codex; the last argument says whether its program is there. */
function installed(directory: string, native: boolean): string {
  const adapter = `${directory}/node_modules/${codex.package}`;
  const program = `${directory}/node_modules/${codex.nativePackage}${process.platform}-${process.arch}`;
  const manifest = JSON.stringify({ bin: { [codex.bin]: "main.js" } });
  return [
    `mkdir -p ${adapter} ${native ? program : dirname(program)}`,
    `echo '${manifest}' > ${adapter}/package.json`,
  ].join("\n");
}

const kept = () => readdir(join(place, "cache", "clawmatrix", "test-agents"));

test("installs an agent once, and finds it again without npm", async () => {
  await npmThat(installed("$3", true));
  const entry = await installAgent(codex, environment);
  expect(entry).toMatch(/codex-acp@[\d.]+\/node_modules\/@agentclientprotocol\/codex-acp\/main\.js$/);
  await npmThat("exit 1");
  expect(await installAgent(codex, environment)).toBe(entry);
});

test("says so when there is no npm", async () => {
  await expect(installAgent(codex, environment)).rejects.toThrow("is it on the PATH?");
});

test("says so when npm fails, and leaves nothing half-installed", async () => {
  await npmThat(`${installed("$3", false)}\nexit 7`);
  await expect(installAgent(codex, environment)).rejects.toThrow("exit code 7");
  expect(await kept()).toEqual([]);
});

test("notices that npm left out the program for this platform", async () => {
  await npmThat(installed("$3", false));
  await expect(installAgent(codex, environment)).rejects.toThrow(
    `without its program for ${process.platform}-${process.arch}`,
  );
  expect(await kept()).toEqual([]);
});

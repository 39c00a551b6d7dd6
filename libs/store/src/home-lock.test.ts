import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { StatusCode } from "@clawmatrix/protocol";
import { expect, it, onTestFinished } from "vitest";
import { temporaryDirectory } from "../test/temporary-directory.ts";
import { acquireHomeLock, type HomeLockOptions } from "./home-lock.ts";

function lockIn(home: string): HomeLockOptions {
  return { lockFile: join(home, "node.lock"), pidFile: join(home, "node.pid") };
}

/** Another process that takes the lock, says so, and keeps it until it is killed. */
async function holder(options: HomeLockOptions) {
  const script = `
    const { acquireHomeLock } = await import(${JSON.stringify(import.meta.resolve("./home-lock.ts"))});
    globalThis.held = acquireHomeLock(${JSON.stringify(options)});
    process.stdout.write("held");
    setInterval(() => undefined, 1_000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  await once(child.stdout, "data");
  return { pid: child.pid!, exited, kill: () => child.kill("SIGKILL") };
}

it("keeps a second node out and names the process that holds it, until that is killed", async () => {
  const options = lockIn(temporaryDirectory());
  const { pid, exited, kill } = await holder(options);
  expect(() => acquireHomeLock(options)).toThrow(
    expect.objectContaining({
      code: StatusCode.ALREADY_EXISTS,
      message: expect.stringContaining(`(process ${pid})`),
    }),
  );
  kill();
  await exited;
  expect(existsSync(options.pidFile)).toBe(true);
  acquireHomeLock(options).release();
});

it("holds within one process too, and is free after its release", () => {
  const home = temporaryDirectory();
  const options = lockIn(home);
  const lock = acquireHomeLock(options);
  expect(() => acquireHomeLock(options)).toThrow(`(process ${process.pid})`);
  expect(() => acquireHomeLock(options)).toThrow(`(process ${process.pid})`);
  lock.release();
  lock.release();
  const again = acquireHomeLock(options);
  again.release();
  expect(readdirSync(home)).toEqual(["node.lock"]);
});

it("of one home does not hold another", () => {
  const one = acquireHomeLock(lockIn(temporaryDirectory()));
  const other = acquireHomeLock(lockIn(temporaryDirectory()));
  one.release();
  other.release();
});

it("that cannot be made says so", () => {
  const error = expect.objectContaining({ code: StatusCode.PERMISSION_DENIED });
  expect(() => acquireHomeLock(lockIn(join(temporaryDirectory(), "none")))).toThrow(error);
});

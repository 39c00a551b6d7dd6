import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock, VirtualClock } from "@clawmatrix/environment";
import { StatusCode } from "@clawmatrix/protocol";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../test/temporary-directory.ts";
import { makePrivateDirectory, readSecretFile, writeSecretFile } from "./secret-file.ts";
import { resolveSecret, type SecretValue } from "./secret-value.ts";
import { ensureSocketDirectory } from "./socket-directory.ts";

const key = "agents.coder.env.TOKEN";
const resolve = (value: SecretValue, env = {}) =>
  resolveSecret(value, { key, clock: systemClock, env: { PATH: process.env.PATH, ...env } });

describe("a secret value", () => {
  it("is a text, a variable, or what a command prints", async () => {
    expect(await resolve("plain")).toBe("plain");
    expect(await resolve({ env: "TOKEN" }, { TOKEN: "from env" })).toBe("from env");
    expect(await resolve({ command: ["printf", " two\nlines\n"] })).toBe(" two\nlines");
  });

  it.each([
    [{ env: "MISSING" }, StatusCode.FAILED_PRECONDITION, "MISSING, which is not set"],
    [{ command: ["no-such-program"] }, StatusCode.FAILED_PRECONDITION, "cannot be started"],
    [
      { command: ["sh", "-c", "echo s3cret; exit 3"] },
      StatusCode.FAILED_PRECONDITION,
      "ended with exit code 3",
    ],
    [{ command: ["true"] }, StatusCode.FAILED_PRECONDITION, "printed nothing"],
    [{ command: ["yes", "s3cret"] }, StatusCode.RESOURCE_EXHAUSTED, "printed more than 65536 bytes"],
  ] as [SecretValue, StatusCode, string][])(
    "that %j cannot give is an error that names the key",
    async (value, code, message) => {
      const error = await resolve(value).catch((thrown: Error) => thrown);
      expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
      expect(String(error)).toContain(key);
      expect(String(error)).not.toContain("s3cret");
    },
  );

  it("whose command does not end is given up after ten seconds, or when aborted, and nothing of it is left", async () => {
    const file = join(temporaryDirectory(), "pid");
    const script = `sh -c 'echo $$ > ${file}.new; mv ${file}.new ${file}; exec sleep 60'`;
    const clock = new VirtualClock();
    const late = resolveSecret({ command: ["sh", "-c", script] }, { key, clock });
    const refusal = expect(late).rejects.toMatchObject({ code: StatusCode.DEADLINE_EXCEEDED });
    await expect
      .poll(() => statSync(file, { throwIfNoEntry: false })?.size ?? 0, { timeout: 5_000 })
      .toBeGreaterThan(0);
    clock.advance(10_000);
    await refusal;
    const pid = Number((await readText(file)).trim());
    await expect.poll(() => isRunning(pid), { timeout: 5_000 }).toBe(false);

    const abort = new AbortController();
    const aborted = resolveSecret({ command: ["sleep", "60"] }, { key, clock, signal: abort.signal });
    abort.abort();
    await expect(aborted).rejects.toMatchObject({ code: StatusCode.CANCELLED });
  });
});

describe("a secret file", () => {
  it("is written whole, private, and leaves nothing beside it", async () => {
    const directory = temporaryDirectory();
    const file = join(directory, "identity.json");
    await writeSecretFile(file, "one");
    chmodSync(file, 0o644);
    await writeSecretFile(file, "two");
    expect((await readSecretFile(file)).toString()).toBe("two");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(["identity.json"]);
  });

  it.each([0o640, 0o604, 0o660, 0o644])("of mode %o is refused with the chmod to type", async (mode) => {
    const file = join(temporaryDirectory(), "it's secret");
    writeFileSync(file, "s3cret");
    chmodSync(file, mode);
    const error = await readSecretFile(file).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({
      code: StatusCode.PERMISSION_DENIED,
      hint: `chmod 600 '${file.replace("'", "'\\''")}'`,
    });
    expect(String(error)).not.toContain("s3cret");
  });

  it("that is missing, a directory, or endless is an error and not a hang", async () => {
    const directory = temporaryDirectory();
    await expect(readSecretFile(join(directory, "none"))).rejects.toMatchObject({
      code: StatusCode.NOT_FOUND,
    });
    await expect(readSecretFile(directory)).rejects.toMatchObject({ code: StatusCode.FAILED_PRECONDITION });
    await expect(readSecretFile("/dev/zero")).rejects.toMatchObject({ code: StatusCode.RESOURCE_EXHAUSTED });
    await expect(writeSecretFile(join(directory, "no", "x"), "")).rejects.toMatchObject({
      code: StatusCode.NOT_FOUND,
    });
  });

  it("lives in a directory that only its owner enters", async () => {
    const home = join(temporaryDirectory(), "a", "b");
    await makePrivateDirectory(home);
    await makePrivateDirectory(home);
    expect(statSync(home).mode & 0o777).toBe(0o700);
  });
});

describe("the directory of a socket outside the home", () => {
  it("is made private, used again, and refused when it is open to others or a link", async () => {
    const parent = temporaryDirectory();
    const socketDirectory = join(parent, "claw");
    await ensureSocketDirectory({ socketDirectory });
    await ensureSocketDirectory({ socketDirectory });
    expect(statSync(socketDirectory).mode & 0o777).toBe(0o700);
    chmodSync(socketDirectory, 0o755);
    await expect(ensureSocketDirectory({ socketDirectory })).rejects.toMatchObject({
      code: StatusCode.PERMISSION_DENIED,
    });
    mkdirSync(join(parent, "private"), { mode: 0o700 });
    symlinkSync(join(parent, "private"), join(parent, "link"));
    const link = { socketDirectory: join(parent, "link") };
    await expect(ensureSocketDirectory(link)).rejects.toMatchObject({ code: StatusCode.PERMISSION_DENIED });
    await ensureSocketDirectory({ socketDirectory: undefined });
  });
});

async function readText(file: string): Promise<string> {
  chmodSync(file, 0o600);
  return (await readSecretFile(file)).toString();
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

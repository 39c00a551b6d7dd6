import { chmodSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { silentLogger, systemClock } from "@clawmatrix/environment";
import { StatusCode } from "@clawmatrix/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryDirectory } from "../test/temporary-directory.ts";
import { editConfiguration, readConfiguration, watchConfiguration } from "./configuration.ts";
import type { NodeConfiguration } from "./node-configuration.ts";

function sourceWith(text: string, mode = 0o600) {
  const file = join(temporaryDirectory(), "config.toml");
  writeFileSync(file, text);
  chmodSync(file, mode);
  return { file, homedir: "/home/ada", hostname: "box" };
}

const AGENT_WITH_SECRET = '[[agents]]\nid = "a"\ncommand = ["x"]\nenv = { API_KEY = "sk-1" }\n';

describe("the file on the disk", () => {
  it("is refused with the chmod to type if it holds a secret that others can read", async () => {
    const source = sourceWith(AGENT_WITH_SECRET, 0o644);
    await expect(readConfiguration(source)).rejects.toMatchObject({
      code: StatusCode.PERMISSION_DENIED,
      hint: `chmod 600 ${source.file}`,
    });
    chmodSync(source.file, 0o600);
    await expect(readConfiguration(source)).resolves.toMatchObject({ agents: [{ id: "a" }] });
  });

  it("may be readable to others if its secrets are elsewhere", async () => {
    const source = sourceWith(AGENT_WITH_SECRET.replace('"sk-1"', '{ env = "K" }'), 0o644);
    await expect(readConfiguration(source)).resolves.toMatchObject({ agents: [{ id: "a" }] });
  });

  it("that is not there is named", async () => {
    const source = { file: "/nowhere/config.toml", homedir: "/", hostname: "box" };
    await expect(readConfiguration(source)).rejects.toMatchObject({ code: StatusCode.NOT_FOUND });
  });

  it("is edited in one step, through a link, and only if the result is right", async () => {
    const source = sourceWith("# mine\n");
    const link = join(temporaryDirectory(), "config.toml");
    symlinkSync(source.file, link);
    const linked = { ...source, file: link };
    await editConfiguration(linked, { kind: "add-agent", agent: { id: "a", command: ["x"] } });
    const text = readFileSync(source.file, "utf8");
    expect(text).toBe('# mine\n\n[[agents]]\nid = "a"\ncommand = ["x"]\n');
    expect(statSync(source.file).mode & 0o777).toBe(0o600);
    const wrong = editConfiguration(linked, { kind: "add-agent", agent: { id: "no good", command: ["x"] } });
    await expect(wrong).rejects.toThrow(/may hold only/);
    expect(readFileSync(source.file, "utf8")).toBe(text);
  });
});

describe("the watch", () => {
  it("reports what is saved in place or by renaming, what is wrong, and nothing twice", async () => {
    const source = sourceWith('name = "a"\n');
    const reports: (NodeConfiguration | Error)[] = [];
    let wake = (): void => undefined;
    const report = (what: NodeConfiguration | Error): void => {
      reports.push(what);
      wake();
    };
    const next = async (count: number): Promise<NodeConfiguration | Error | undefined> => {
      while (reports.length < count) await new Promise<void>((resolve) => (wake = resolve));
      return reports[count - 1];
    };
    const current = await readConfiguration(source);
    const watch = await watchConfiguration({
      source,
      current,
      clock: systemClock,
      logger: silentLogger,
      onChange: report,
      onError: report,
    });
    onTestFinished(() => watch.stop());

    writeFileSync(source.file, 'name = "b"\n');
    expect(await next(1)).toMatchObject({ name: "b" });
    writeFileSync(`${source.file}~`, 'name = "c"\n');
    renameSync(`${source.file}~`, source.file);
    expect(await next(2)).toMatchObject({ name: "c" });
    writeFileSync(source.file, "name = \n");
    expect(await next(3)).toBeInstanceOf(Error);
    writeFileSync(source.file, 'name = "d"\n');
    expect(await next(4)).toMatchObject({ name: "d" });
    expect(reports).toHaveLength(4);
  });
});

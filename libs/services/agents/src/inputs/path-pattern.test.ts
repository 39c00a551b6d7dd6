import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { followPath } from "./follow-path.ts";
import type { MatchMode } from "./match-text.ts";
import { PathPattern } from "./path-pattern.ts";

let root: string;
let home: string;
let cwd: string;
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "clawmatrix-paths-")));
  home = join(root, "home");
  cwd = join(home, "src", "api");
  await mkdir(join(cwd, "docs"), { recursive: true });
  await mkdir(join(home, ".ssh"));
  await mkdir(join(root, "odd [a]*", "in"), { recursive: true });
  await writeFile(join(home, ".ssh", "id"), "");
  await writeFile(join(cwd, "docs", "a.md"), "");
  await symlink(join(home, ".ssh"), join(cwd, "keys"));
  await symlink(join(home, ".ssh", "new"), join(cwd, "dangling"));
  await symlink("loop", join(cwd, "loop"));
  await symlink(join(home, "src"), join(root, "linked"));
  await symlink(join(cwd, "docs"), join(home, "elsewhere"));
});
afterAll(() => rm(root, { recursive: true }));

async function matches(pattern: string, path: string, mode: MatchMode): Promise<boolean> {
  const surroundings = { home, cwd };
  const compiled = await PathPattern.of(pattern.replace("ROOT", root), surroundings);
  return compiled.matches(await followPath(path.replace("ROOT", root), surroundings), mode);
}

describe("a glob over files", () => {
  it.each([
    ["~/src/**", "ROOT/home/src/api/docs/a.md"],
    ["~/src/**", "docs/a.md"],
    ["~/src/**", "ROOT/home/src"],
    ["~/src/**", "docs/.env"],
    ["~/src/**", "docs/new/folder/file"],
    ["~/src/**", "docs/../docs/./a.md"],
    ["~/src/**/*.{md,txt}", "docs/a.md"],
    ["./**", "docs/a.md"],
    ["./docs/a.md", "docs/a.md"],
    ["**/*.md", "docs/a.md"],
    ["~/src/api/docs/[ab].md", "docs/a.md"],
    ["~/src/**", "ROOT/linked/api/docs/a.md"],
    ["ROOT/linked/**", "docs/a.md"],
    ["~/elsewhere/*", "docs/a.md"],
  ])("%s takes %s, to allow and to deny", async (pattern, path) => {
    expect(await matches(pattern, path, "cautious")).toBe(true);
    expect(await matches(pattern, path, "eager")).toBe(true);
  });

  it.each([
    ["~/src/**", "ROOT/home/srcs/a"],
    ["~/src/*", "docs/a.md"],
    ["~/src/**", "../../.ssh/id"],
    ["~/src/**", "ROOT/home/src/api/../../.ssh/id"],
    ["~/src/**", "file:///etc/passwd"],
    ["~/src", "docs/a.md"],
    ["./docs/a", "docs/a.md"],
    ["!./docs/**", "x"],
  ])("%s does not take %s", async (pattern, path) => {
    expect(await matches(pattern, path, "cautious")).toBe(false);
  });

  it.each([
    ["through a link", "keys/id"],
    ["through a link, to a file that is not there yet", "keys/authorized_keys"],
    ["by a link that leads nowhere yet", "dangling"],
    ["beyond a link that leads nowhere yet", "dangling/x"],
    ["back from behind a link", "keys/../.ssh/id"],
    ["back from behind what is not there", "docs/none/../../keys/id"],
    ["in a loop", "loop/x"],
    ["where a shell and the system differ", "~/src/a"],
    ["with a zero", "docs/a\0"],
    ["too far down to be followed", "a/".repeat(300)],
    ["at an address on another machine", "file://host/x"],
  ])("that allows a folder does not allow what leads out of it: %s", async (_, path) => {
    expect(await matches("~/src/**", path, "cautious")).toBe(false);
  });

  it.each([
    "keys/id",
    "dangling",
    "~/.ssh/id",
    "ROOT/home/.ssh/x",
    "../../.ssh/id",
    "keys/../.ssh/id",
    "loop/x",
  ])("that denies a folder denies every way into it: %s", async (path) =>
    expect(await matches("~/.ssh/**", path, "eager")).toBe(true),
  );

  it("takes a directory of this machine for what it is, whatever it is called", async () => {
    const odd = { home: join(root, "odd [a]*"), cwd: join(root, "odd [a]*") };
    const pattern = await PathPattern.of("~/in/**", odd);
    expect(pattern.matches(await followPath("in/x", odd), "cautious")).toBe(true);
    expect(pattern.matches(await followPath(join(root, "odd a", "in", "x"), odd), "cautious")).toBe(false);
  });

  it("that allows a folder allows nothing whose destination is outside, however it is written", async () => {
    const names = fc.constantFrom("docs", "..", ".", "keys", "dangling", "loop", "a.md", "", "~", "new");
    await fc.assert(
      fc.asyncProperty(fc.array(names, { minLength: 1, maxLength: 6 }), async (parts) => {
        const path = parts.join("/");
        if (!(await matches("~/src/**", path, "cautious"))) return;
        // The system's own word, where there is something.
        const real = await realpath(`${cwd}/${path}`).catch(() => undefined);
        if (real !== undefined) expect(`${real}/`.startsWith(`${home}/src/`)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

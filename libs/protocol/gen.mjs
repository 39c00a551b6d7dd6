/**
 * Generates src/gen from proto/: `node gen.mjs`. With `--check` it changes nothing and fails where src/gen is not what the proto
 * files and the generator give. Files that stay the same are not touched, so that whoever is reading them is not disturbed.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

const project = import.meta.dirname;
const root = join(project, "../..");
const target = join(project, "src/gen");
const check = process.argv.includes("--check");

const fresh = mkdtempSync(join(tmpdir(), "clawmatrix-gen-"));
try {
  const PATH = `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH}`;
  execFileSync("buf", ["generate", "--output", fresh], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, PATH },
  });
  const differing = swap(filesIn(fresh), filesIn(target));
  if (check && differing.length > 0) {
    console.error(`These generated files are not current; run "npm run gen":\n  ${differing.join("\n  ")}`);
    process.exitCode = 1;
  }
} catch (failure) {
  // buf has said on standard error what is wrong.
  console.error(`generating from proto/ failed: ${failure.message}`);
  process.exitCode = 1;
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

function swap(wanted, present) {
  const differing = [];
  for (const [path, content] of wanted) {
    if (present.get(path) === content) continue;
    differing.push(path);
    if (check) continue;
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), content);
  }
  for (const path of present.keys()) {
    if (wanted.has(path)) continue;
    differing.push(path);
    if (!check) rmSync(join(target, path));
  }
  return differing;
}

function filesIn(folder) {
  mkdirSync(folder, { recursive: true });
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]));
}

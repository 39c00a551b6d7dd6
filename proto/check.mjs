/**
 * Everything that a change of the protocol has to pass, offline: `node proto/check.mjs`. Run by `npm run check`.
 *
 * - `buf lint`, `buf format`
 * - `buf breaking` against baseline.binpb, the protocol of the last release (skipped, and said so, while there is none)
 * - the frames and methods are those that were accepted (frames.txt), since buf does not look into options
 * - the generated files are current
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { compareFrames, complaintAbout } from "../tools/protoc-gen-clawmatrix/src/accepted-frames.ts";

const root = join(import.meta.dirname, "..");
const baseline = join(import.meta.dirname, "baseline.binpb");
const env = { ...process.env, PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH}` };

const passed = [
  run("buf lint", "buf", ["lint"]),
  run("buf format", "buf", ["format", "--diff", "--exit-code"], "run `npm run format`"),
  breaking(),
  run("generated files", process.execPath, ["libs/protocol/gen.mjs", "--check"], "run `npm run gen`"),
  frames(),
];
process.exitCode = passed.every(Boolean) ? 0 : 1;

function breaking() {
  if (!existsSync(baseline))
    return report("buf breaking", true, "skipped: no proto/baseline.binpb yet; see proto/README.md");
  return run(
    "buf breaking",
    "buf",
    ["breaking", "--against", baseline],
    "peers of the last release would misread it",
  );
}

function frames() {
  const accepted = join(import.meta.dirname, "frames.txt");
  const current = join(root, "libs/protocol/src/gen/clawmatrix/v1/frames.txt");
  const table = existsSync(accepted) ? readFileSync(accepted, "utf8") : "";
  const complaint = complaintAbout(compareFrames(table, readFileSync(current, "utf8")));
  return report("frames and methods", complaint === undefined, complaint);
}

function run(what, command, args, hint) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, env, encoding: "utf8" });
  if (error !== undefined) return report(what, false, error.message);
  return report(
    what,
    status === 0,
    status === 0 ? undefined : [stdout, stderr, hint].filter(Boolean).join("\n").trim(),
  );
}

function report(what, passed, detail) {
  console.log(`${passed ? "ok    " : "FAILED"}  ${what}${detail === undefined ? "" : `\n${detail}`}`);
  return passed;
}

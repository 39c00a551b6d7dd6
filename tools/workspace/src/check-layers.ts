import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { importsOf, judgeImport, type Project } from "./layers.ts";

/** Refuses imports that go up a layer or into another project's inside: `node tools/workspace/src/check-layers.ts`. */
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  encoding: "utf8",
}).split("\n");

function readProject(file: string): Project {
  const manifest = JSON.parse(readFileSync(file, "utf8")) as {
    name: string;
    exports?: Record<string, string>;
    dependencies?: Record<string, string>;
    devDependencies?: Record<string, string>;
    nx?: { tags?: string[] };
  };
  const layer = manifest.nx?.tags?.find((tag) => tag.startsWith("layer:"))?.slice("layer:".length);
  if (layer === undefined) throw new Error(`${file} has no tag layer:… under nx.tags`);
  return {
    name: manifest.name,
    root: posix.dirname(file),
    layer,
    dependencies: new Set([
      ...Object.keys(manifest.dependencies ?? {}),
      ...Object.keys(manifest.devDependencies ?? {}),
    ]),
    exports: new Set(Object.keys(manifest.exports ?? {})),
  };
}

const projects = files
  .filter((file) => /^(proto|libs|apps|tools)\/.*package\.json$/.test(file))
  .map(readProject);
const resolve = (file: string, specifier: string) => posix.join(posix.dirname(file), specifier);
const faults = files
  .filter((file) => /\.tsx?$/.test(file) && !file.includes("/gen/"))
  .flatMap((file) => importsOf(readFileSync(file, "utf8")).map((specifier) => ({ file, specifier })))
  .flatMap((found) => judgeImport(found, projects, resolve) ?? []);
for (const fault of faults) console.error(fault);
console.log(`layers: ${projects.length} projects, ${faults.length} imports that may not be`);
process.exitCode = faults.length === 0 ? 0 : 1;

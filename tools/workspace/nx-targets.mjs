/**
 * Gives every project of the workspace the same targets, so that none of them repeats a configuration:
 * a project has `test` because it is there, `build` because it has a `build.mjs`, `gen` because it has a
 * `gen.mjs`. Nx loads this file as a plugin (nx.json).
 */
import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const toolVersions = [
  { runtime: "node --version" },
  {
    externalDependencies: [
      "typescript",
      "vitest",
      "esbuild",
      "@bufbuild/buf",
      "@bufbuild/protobuf",
      "@bufbuild/protoc-gen-es",
      "@bufbuild/protoplugin",
    ],
  },
];
/** Says how code is generated from the proto files. */
const generation = ["{workspaceRoot}/buf.yaml", "{workspaceRoot}/buf.gen.yaml"];
const shared = [
  ...generation,
  "{workspaceRoot}/tsconfig.base.json",
  "{workspaceRoot}/vitest.config.ts",
  "{workspaceRoot}/tools/workspace/nx-targets.mjs",
];
/** Everything of a project but what `gen` writes: generated files are read as outputs, after they were made. */
const source = ["{projectRoot}/**/*", "!{projectRoot}/**/gen/**", "!{projectRoot}/dist/**"];
const generated = { dependentTasksOutputFiles: "**/*", transitive: true };
const inputs = [...source, "^source", generated, ...shared, ...toolVersions];

function targetsOf(root, workspaceRoot) {
  const has = (file) => existsSync(join(workspaceRoot, root, file));
  const up = relative(root, ".") || ".";
  const targets = {};
  const run = (command) => ({ executor: "nx:run-commands", options: { command, cwd: root } });
  if (has("gen.mjs")) {
    targets.gen = {
      ...run("node gen.mjs"),
      cache: true,
      inputs: [...source, "^source", ...generation, ...toolVersions],
      outputs: ["{projectRoot}/src/gen"],
    };
  }
  if (has("tsconfig.json")) {
    targets.typecheck = { ...run(`tsc -p tsconfig.json`), cache: true, dependsOn: ["gen", "^gen"], inputs };
    targets.test = {
      ...run(`vitest run --config ${up}/vitest.config.ts --root . --passWithNoTests`),
      cache: true,
      dependsOn: ["gen", "^gen", "build", "^build"],
      inputs,
    };
  }
  if (has("build.mjs")) {
    targets.build = {
      ...run("node build.mjs"),
      cache: true,
      dependsOn: ["gen", "^gen", "^build"],
      inputs,
      outputs: ["{projectRoot}/dist"],
    };
  }
  if (has("bench.mjs"))
    targets.bench = { ...run("node bench.mjs"), cache: false, dependsOn: ["^gen", "^build"] };
  return targets;
}

export const name = "clawmatrix-targets";

export const createNodesV2 = [
  "{proto,libs,apps,tools}/**/package.json",
  (files, _options, context) =>
    files
      .filter((file) => !file.includes("node_modules"))
      .map((file) => {
        const root = dirname(file);
        return [
          file,
          {
            projects: {
              [root]: { root, namedInputs: { source }, targets: targetsOf(root, context.workspaceRoot) },
            },
          },
        ];
      }),
];

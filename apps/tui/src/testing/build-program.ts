import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export interface BuiltProgram extends AsyncDisposable {
  /** The file that Node runs. */
  readonly file: string;
}

/** Bundles `tui-program.ts` as the shipped program is bundled: Node runs no JSX by itself. */
export async function buildProgram(): Promise<BuiltProgram> {
  const directory = await mkdtemp(join(tmpdir(), "clawmatrix-tui-"));
  const file = join(directory, "tui-program.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("./tui-program.ts", import.meta.url))],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    plugins: [
      {
        // Optional in Ink, and only there in development.
        name: "no-devtools",
        setup(building) {
          building.onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => ({
            path,
            namespace: "empty",
          }));
          building.onLoad({ filter: /.*/, namespace: "empty" }, () => ({
            contents: "export default undefined;",
          }));
        },
      },
    ],
  });
  return { file, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}

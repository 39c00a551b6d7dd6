import { build } from "esbuild";

/** Bundles a program for a terminal as the shipped one is bundled: its start and speed are to be compared. */
export async function bundleProgram(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    jsx: "automatic",
    minifySyntax: true,
    define: { "process.env.NODE_ENV": '"production"' },
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    plugins: [
      {
        // Ink asks for it only in development.
        name: "without-devtools",
        setup(bundle) {
          bundle.onResolve({ filter: /^react-devtools-core$/ }, () => ({
            path: "devtools",
            namespace: "empty",
          }));
          bundle.onLoad({ filter: /.*/, namespace: "empty" }, () => ({
            contents: "export default undefined",
          }));
        },
      },
    ],
    logLevel: "warning",
  });
}

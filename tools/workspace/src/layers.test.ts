import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { importsOf, judgeImport, type Project } from "./layers.ts";

const project = (
  name: string,
  root: string,
  layer: string,
  dependencies: string[],
  exports = ["."],
): Project => ({
  name,
  root,
  layer,
  dependencies: new Set(dependencies),
  exports: new Set(exports),
});
const projects = [
  project("@clawmatrix/identity", "libs/identity", "ground", []),
  project("@clawmatrix/mesh", "libs/mesh", "mesh", ["@clawmatrix/identity", "@clawmatrix/rpc"]),
  project("@clawmatrix/rpc", "libs/rpc", "calls", ["@clawmatrix/mesh"], [".", "./stream"]),
];
const judge = (file: string, specifier: string) =>
  judgeImport({ file, specifier }, projects, (from, to) => posix.join(posix.dirname(from), to));

describe("the layers", () => {
  it("let a layer import the one below it, and what it exports", () => {
    expect(judge("libs/rpc/src/call.ts", "@clawmatrix/mesh")).toBeUndefined();
    expect(judge("libs/mesh/src/link/link.ts", "@clawmatrix/identity")).toBeUndefined();
  });

  it("refuse an import that goes up", () => {
    expect(judge("libs/mesh/src/mesh.ts", "@clawmatrix/rpc")).toContain("must not import");
  });

  it("refuse an import into the inside of another project", () => {
    expect(judge("libs/rpc/src/call.ts", "@clawmatrix/mesh/src/link/link.ts")).toContain("reaches inside");
    expect(judge("libs/rpc/src/call.ts", "../../mesh/src/mesh.ts")).toContain("leaves libs/rpc");
  });

  it("refuse an import of a project that is not a dependency", () => {
    expect(judge("libs/rpc/src/call.ts", "@clawmatrix/identity")).toContain("does not list");
  });

  it("find static, dynamic, side-effect and type imports, and re-exports over several lines", () => {
    const source = [
      'import { a } from "one";',
      'import type { B } from "two";',
      'export {\n  c,\n} from "three";',
      'const d = await import("four");',
      'import "five";',
      'export * from "six";',
    ].join("\n");
    expect(importsOf(source)).toEqual(["one", "two", "three", "four", "five", "six"]);
  });
});

/** A project of the workspace, as its package.json describes it. */
export interface Project {
  readonly name: string;
  /** Its folder, relative to the workspace, with forward slashes. */
  readonly root: string;
  readonly layer: string;
  readonly dependencies: ReadonlySet<string>;
  /** Subpaths that others may import: "." and what its `exports` name. */
  readonly exports: ReadonlySet<string>;
}

export interface SourceImport {
  /** The importing file, relative to the workspace. */
  readonly file: string;
  readonly specifier: string;
}

/** Which layers a layer may import from (ARCHITECTURE.md). Tools stand beside the layers and may use all of them. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  ground: ["ground"],
  mesh: ["ground"],
  calls: ["ground", "mesh"],
  services: ["ground", "mesh", "calls"],
  assembly: ["ground", "mesh", "calls", "services"],
  client: ["ground", "calls"],
  screen: ["ground", "client"],
  app: ["ground", "client", "assembly", "services", "screen"],
  tool: ["ground", "mesh", "calls", "services", "assembly", "client", "screen", "tool"],
};

/** What is wrong with an import, in a sentence that says what to do; undefined when nothing is. */
export function judgeImport(
  { file, specifier }: SourceImport,
  projects: readonly Project[],
  resolve: (file: string, specifier: string) => string,
): string | undefined {
  const from = projects.find((project) => file.startsWith(`${project.root}/`));
  if (from === undefined) return undefined;
  if (specifier.startsWith(".")) {
    const target = resolve(file, specifier);
    if (target.startsWith(`${from.root}/`)) return undefined;
    return `${file}: ${specifier} leaves ${from.root}; import the other project by its name`;
  }
  const to = projects.find(({ name }) => specifier === name || specifier.startsWith(`${name}/`));
  if (to === undefined || to === from) return undefined;
  if (!from.dependencies.has(to.name)) {
    return `${file}: ${from.root}/package.json does not list ${to.name} among its dependencies`;
  }
  if (!to.exports.has(`.${specifier.slice(to.name.length)}`)) {
    return `${file}: ${specifier} reaches inside ${to.root}; import what its src/index.ts shows`;
  }
  if (!(MAY_IMPORT[from.layer] ?? []).includes(to.layer)) {
    return `${file}: layer ${from.layer} must not import ${to.name} of layer ${to.layer}`;
  }
  return undefined;
}

/** The specifiers that a TypeScript source imports or re-exports, static and dynamic. */
export function importsOf(source: string): string[] {
  const found: string[] = [];
  const pattern =
    /(?:^|[\s;}])(?:import|export)\s[^"'`;]*?from\s*["']([^"']+)["']|import\s*\(?\s*["']([^"']+)["']/g;
  for (const match of source.matchAll(pattern)) found.push(match[1] ?? match[2]!);
  // Proto files that a test quotes import each other, too.
  return found.filter((specifier) => !specifier.endsWith(".proto"));
}

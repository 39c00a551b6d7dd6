import { isAbsolute, join, parse, relative, sep } from "node:path";
import picomatch from "picomatch";
import { type FollowedPath, followPath, type PathSurroundings } from "./follow-path.ts";
import type { MatchMode } from "./match-text.ts";

/** What makes a name of a pattern more than a name. */
const GLOB_CHARACTERS = /[*?[\]{}()]/;
/** Where one file has names that differ in case only. */
const IGNORES_CASE = process.platform === "darwin" || process.platform === "win32";

/**
 * A glob over files: `/…`, `~/…` from the home directory, `./…` from the session's, `**\/…` anywhere. `*` is any part of a name,
 * `**` any folders, also those whose names begin with a dot. Up to its first name that is a glob it is a place, whose links
 * are followed as those of files are.
 */
export class PathPattern {
  readonly #base: FollowedPath;
  readonly #glob: string;

  private constructor(base: FollowedPath, glob: string) {
    this.#base = base;
    this.#glob = glob;
  }

  static async of(pattern: string, surroundings: PathSurroundings): Promise<PathPattern> {
    const { from, names } = placeOf(pattern, surroundings);
    const first = names.findIndex((name) => GLOB_CHARACTERS.test(name));
    const end = first < 0 ? names.length : first;
    const base = await followPath(join(from, ...names.slice(0, end)), surroundings);
    return new PathPattern(base, names.slice(end).join("/"));
  }

  /**
   * `cautious`: only where the file really is counts, and one of which that cannot be said matches nothing. `eager`: the name
   * counts as well, and what cannot be followed matches.
   */
  matches({ named, real }: FollowedPath, mode: MatchMode): boolean {
    const base = this.#base;
    if (mode === "cautious")
      return real !== undefined && base.real !== undefined && this.#takes(base.real, real, mode);
    if (real === undefined) return true;
    const bases = base.real === undefined ? [base.named] : [base.named, base.real];
    return bases.some((from) => this.#takes(from, named, mode) || this.#takes(from, real, mode));
  }

  #takes(base: string, path: string, mode: MatchMode): boolean {
    const ignoresCase = mode === "eager" && IGNORES_CASE;
    const fold = (text: string): string => (ignoresCase ? text.toLowerCase() : text);
    const way = withSlashes(relative(fold(base), fold(path)));
    if (way === ".." || way.startsWith("../") || isAbsolute(way)) return false;
    if (this.#glob === "" || way === "") return way === "" && /^(?:\*\*)?$/.test(this.#glob);
    return picomatch.isMatch(way, fold(this.#glob), {
      dot: true,
      nonegate: true,
      noextglob: true,
    });
  }
}

/** Where a pattern begins, and the names from there on. Directories that exist may have names that look like globs. */
function placeOf(
  pattern: string,
  { home, cwd }: PathSurroundings,
): { readonly from: string; readonly names: readonly string[] } {
  if (pattern.startsWith("~/")) return { from: home, names: pattern.slice(2).split("/") };
  if (pattern.startsWith("./")) return { from: cwd, names: pattern.slice(2).split("/") };
  const { root } = parse(pattern);
  return { from: root || sep, names: pattern.slice(root.length).split("/") };
}

function withSlashes(path: string): string {
  return sep === "/" ? path : path.replaceAll(sep, "/");
}

import { delimiter, dirname, join } from "node:path";

/** What a program needs of the surroundings, and nothing that would change what an agent does. */
const KEPT = ["LANG", "LC_ALL", "TZ", "SystemRoot", "ComSpec", "PATHEXT"] as const;

/**
 * The environment for everything that the checks start: this machine's keys, proxies and agents' settings
 * (`OPENAI_…`, `ANTHROPIC_…`, `IS_SANDBOX`, with which Claude asks for nothing when it runs as root) stay
 * out, `home` is all the home there is, and `node` is the one that runs the checks.
 */
export function privateEnvironment(home: string): Record<string, string> {
  const kept = KEPT.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const path = [dirname(process.execPath), process.env.PATH].filter(Boolean).join(delimiter);
  return {
    ...Object.fromEntries(kept),
    PATH: path,
    HOME: home,
    USERPROFILE: home,
    TMPDIR: join(home, "tmp"),
    TEMP: join(home, "tmp"),
  };
}

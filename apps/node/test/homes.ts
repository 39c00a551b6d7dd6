import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The built program; another build can be tested as well. */
const MAIN = process.env.CLAWMATRIX_TEST_MAIN ?? join(import.meta.dirname, "..", "dist", "main.js");
/** Every process of a test carries this variable, so that one that was left behind is found. */
const MARK = "CLAWMATRIX_TEST";
/** How long a command may take before the test is told that it hangs, in milliseconds. */
const COMMAND_MS = 20_000;

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Given on standard input; otherwise that is empty. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A command that is running. */
export interface Running {
  readonly child: ChildProcess;
  readonly done: Promise<Result>;
  /** Resolves when what it has printed on either stream matches; rejects if it ends before that. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
}

/** One home, and the real program on it. */
export class Home {
  readonly name: string;
  readonly path: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(name: string, path: string, env: NodeJS.ProcessEnv) {
    this.name = name;
    this.path = path;
    this.#env = { ...env, CLAWMATRIX_HOME: path };
  }

  /** Runs a command to its end. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Result> {
    return await this.start(args, options).done;
  }

  /** Runs a command that must succeed. Gives what it printed. */
  async ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(args);
    if (code !== 0)
      throw new Error(`${this.name}: ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** The same, with `--json`: the one document. */
  async json<Document>(...args: string[]): Promise<Document> {
    return JSON.parse(await this.ok(...args, "--json")) as Document;
  }

  start(args: readonly string[], { input = "", env = {} }: RunOptions = {}): Running {
    const child = spawn(process.execPath, [MAIN, ...args], { env: { ...this.#env, ...env } });
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const streams = { stdout: "", stderr: "" };
    const listeners = new Set<() => void>();
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        streams[name] += text;
        for (const listener of [...listeners]) listener();
      });
    }
    const what = `${this.name}: clawmatrix ${args.join(" ")}`;
    const done = (async (): Promise<Result> => {
      const timer = setTimeout(() => child.kill("SIGKILL"), COMMAND_MS);
      const [code] = (await once(child, "close")) as [number | null];
      clearTimeout(timer);
      for (const listener of [...listeners]) listener();
      return { code, ...streams };
    })();
    const until = (pattern: RegExp): Promise<RegExpExecArray> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(streams.stdout) ?? pattern.exec(streams.stderr);
          if (match !== null) resolve(match);
          else if (child.exitCode === null && child.signalCode === null) return;
          else reject(new Error(`${what} ended without ${pattern}:\n${streams.stdout}${streams.stderr}`));
          listeners.delete(look);
        };
        listeners.add(look);
        look();
      });
    return { child, done, until };
  }

  /** A file of the home as text. */
  read(file: string): string {
    return readFileSync(join(this.path, file), "utf8");
  }

  /** The process id of the node that runs here. */
  get pid(): number {
    return Number(this.read("node.pid"));
  }
}

/** Homes in a temporary directory; disposed of with every node that runs in one. */
export class Homes {
  readonly directory = mkdtempSync(join(tmpdir(), "cm-"));
  readonly #mark = `${process.pid}-${Math.random().toString(36).slice(2)}`;
  readonly #homes: Home[] = [];

  constructor() {
    if (!existsSync(MAIN)) {
      throw new Error(
        `${MAIN} is missing: these tests run the built program; build it first (npm run build)`,
      );
    }
  }

  /** The environment of every process: nothing of the person's own. */
  get env(): NodeJS.ProcessEnv {
    const { PATH } = process.env;
    return { PATH, HOME: this.directory, TMPDIR: this.directory, [MARK]: this.#mark, TERM: "dumb" };
  }

  home(name: string): Home {
    const home = new Home(name, join(this.directory, `home-${name}-${this.#homes.length}`), this.env);
    this.#homes.push(home);
    return home;
  }

  /** Stops every node and removes the homes. @throws Error naming the processes that were left behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#homes
        .filter(({ path }) => existsSync(join(path, "node.pid")))
        .map((home) => home.run(["down", "--grace", "1ms"])),
    );
    const left = await this.#leftBehind();
    for (const pid of left.keys()) process.kill(pid, "SIGKILL");
    rmSync(this.directory, { recursive: true, force: true });
    if (left.size > 0) throw new Error(`processes were left behind:\n${[...left.values()].join("\n")}`);
  }

  /** The processes of these homes, by process id. */
  processes(): Map<number, string> {
    const found = new Map<number, string>();
    if (process.platform !== "linux") return found;
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, "latin1").includes(`${MARK}=${this.#mark}`)) continue;
        found.set(Number(pid), readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " "));
      } catch {
        // It has ended meanwhile, or is somebody else's.
      }
    }
    return found;
  }

  /** A process that has just been told to end gets a moment. */
  async #leftBehind(): Promise<Map<number, string>> {
    for (let look = 0; look < 40 && this.processes().size > 0; look++) {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return this.processes();
  }
}

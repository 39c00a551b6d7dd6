import { posix, win32 } from "node:path";

/** The variables that say where things are. */
export type PathEnvironment = Readonly<Record<string, string | undefined>>;

/** Where everything of a node is. All absolute. */
export interface NodePaths {
  /** What people call the home: the one directory of `CLAWMATRIX_HOME`, else the directory of the data. */
  readonly home: string;
  readonly configFile: string;
  /** Key pairs of the node. Secret. */
  readonly identityFile: string;
  /** Mesh secret and founder. Secret. */
  readonly meshFile: string;
  /** Token of the gateway. Secret. */
  readonly gatewayTokenFile: string;
  readonly storeFile: string;
  /** Held by the running node, so that there is only one in a home. */
  readonly lockFile: string;
  readonly pidFile: string;
  readonly logFile: string;
  /** Unix socket (on Windows: named pipe) of the running node. */
  readonly socket: string;
  /** Directory of the socket if it could not be in the home: see `ensureSocketDirectory`. */
  readonly socketDirectory: string | undefined;
  /** Every directory of the above, to be made with mode 0700. */
  readonly directories: readonly string[];
}

/**
 * A socket's address holds 108 bytes on Linux and 104 on macOS and the BSDs, each with a zero at the end.
 * The smaller one is kept to everywhere, so that a home behaves the same wherever it is mounted.
 */
export const MAX_SOCKET_PATH_BYTES = 103;

/** Enough of a SHA-256 that no two homes of one machine meet by chance, short enough for a socket's address. */
const HOME_HASH_CHARACTERS = 24;

/**
 * Says where the files of a node are.
 *
 * `CLAWMATRIX_HOME` puts all of them into one directory. Otherwise the configuration, the data and the state go to
 * the XDG directories, to Application Support and Logs on macOS, and to AppData on Windows. The socket is beside
 * the state and not in `XDG_RUNTIME_DIR`, which is missing under cron, su and some ssh set-ups, so that a client
 * started there would look for the node in another place. For the same reason the fall-back for a home that is too
 * deep for a socket's address depends on nothing but the home.
 */
export function resolvePaths(
  env: PathEnvironment,
  platform: NodeJS.Platform,
  homedir: string,
  workingDirectory = homedir,
): NodePaths {
  const path = platform === "win32" ? win32 : posix;
  const join = path.join;
  const absolute = (value: string | undefined): string | undefined =>
    value !== undefined && path.isAbsolute(value) ? value : undefined;

  let config: string;
  let data: string;
  let state: string;
  let logs: string;
  if (env.CLAWMATRIX_HOME !== undefined && env.CLAWMATRIX_HOME !== "") {
    config =
      data =
      state =
      logs =
        path.resolve(workingDirectory, expandHome(env.CLAWMATRIX_HOME, homedir, path));
  } else if (platform === "win32") {
    config = data = join(absolute(env.APPDATA) ?? join(homedir, "AppData", "Roaming"), "ClawMatrix");
    state = logs = join(absolute(env.LOCALAPPDATA) ?? join(homedir, "AppData", "Local"), "ClawMatrix");
  } else if (platform === "darwin") {
    config = data = state = join(homedir, "Library", "Application Support", "ClawMatrix");
    logs = join(homedir, "Library", "Logs", "ClawMatrix");
  } else {
    config = join(absolute(env.XDG_CONFIG_HOME) ?? join(homedir, ".config"), "clawmatrix");
    data = join(absolute(env.XDG_DATA_HOME) ?? join(homedir, ".local", "share"), "clawmatrix");
    state = logs = join(absolute(env.XDG_STATE_HOME) ?? join(homedir, ".local", "state"), "clawmatrix");
  }
  const socket = socketOf(state, platform);
  return {
    home: data,
    configFile: join(config, "config.toml"),
    identityFile: join(data, "identity.json"),
    meshFile: join(data, "mesh.json"),
    gatewayTokenFile: join(data, "gateway.token"),
    storeFile: join(data, "store.sqlite"),
    lockFile: join(data, "node.lock"),
    pidFile: join(state, "node.pid"),
    logFile: join(logs, "node.log"),
    ...socket,
    directories: [...new Set([config, data, state, logs])],
  };
}

/** `~` and `~/…` as the home directory; everything else, also `~name`, as it is. */
export function expandHome(
  value: string,
  homedir: string,
  path: { join: typeof posix.join } = posix,
): string {
  if (value === "~") return homedir;
  return value.startsWith("~/") || value.startsWith("~\\") ? path.join(homedir, value.slice(2)) : value;
}

function socketOf(state: string, platform: NodeJS.Platform): Pick<NodePaths, "socket" | "socketDirectory"> {
  if (platform === "win32") {
    return { socket: `\\\\.\\pipe\\clawmatrix-${hashOf(state.toLowerCase())}`, socketDirectory: undefined };
  }
  const socket = posix.join(state, "node.sock");
  if (Buffer.byteLength(socket) <= MAX_SOCKET_PATH_BYTES) return { socket, socketDirectory: undefined };
  const socketDirectory = `/tmp/clawmatrix-${hashOf(state)}`;
  return { socket: posix.join(socketDirectory, "node.sock"), socketDirectory };
}

function hashOf(home: string): string {
  // Loaded only when needed: most homes need no hash, and every command of the command line asks for paths.
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha256").update(home).digest("hex").slice(0, HOME_HASH_CHARACTERS);
}

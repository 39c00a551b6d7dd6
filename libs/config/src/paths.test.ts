import { describe, expect, it } from "vitest";
import { MAX_SOCKET_PATH_BYTES, resolvePaths } from "./paths.ts";

describe("paths of a node", () => {
  it("puts everything into CLAWMATRIX_HOME", () => {
    const paths = resolvePaths(
      { CLAWMATRIX_HOME: "/srv/claw", XDG_CONFIG_HOME: "/else" },
      "linux",
      "/home/ada",
    );
    expect(paths.directories).toEqual(["/srv/claw"]);
    const { directories: _, socketDirectory, ...files } = paths;
    expect(socketDirectory).toBeUndefined();
    for (const file of Object.values(files)) expect(file).toMatch(/^\/srv\/claw(\/[a-z.]+)?$/);
  });

  it("takes a relative CLAWMATRIX_HOME from the working directory, and ~ from the home directory", () => {
    expect(resolvePaths({ CLAWMATRIX_HOME: "a/b" }, "linux", "/home/ada", "/work").home).toBe("/work/a/b");
    expect(resolvePaths({ CLAWMATRIX_HOME: "~/claw" }, "linux", "/home/ada", "/work").home).toBe(
      "/home/ada/claw",
    );
  });

  it("follows the XDG directories, and ignores relative ones as their specification says", () => {
    const env = { XDG_CONFIG_HOME: "/c", XDG_DATA_HOME: "relative", XDG_STATE_HOME: "/s" };
    const paths = resolvePaths(env, "linux", "/home/ada");
    expect(paths.configFile).toBe("/c/clawmatrix/config.toml");
    expect(paths.storeFile).toBe("/home/ada/.local/share/clawmatrix/store.sqlite");
    expect(paths.socket).toBe("/s/clawmatrix/node.sock");
  });

  it("finds the same socket with and without a runtime directory in the environment", () => {
    const deep = `/home/${"deep/".repeat(30)}`;
    for (const home of ["/home/ada", deep]) {
      const env = { CLAWMATRIX_HOME: home };
      const withRuntime = resolvePaths(
        { ...env, XDG_RUNTIME_DIR: "/run/user/1", TMPDIR: "/x" },
        "linux",
        "/home/ada",
      );
      expect(withRuntime).toEqual(resolvePaths(env, "linux", "/home/ada"));
    }
  });

  it("moves the socket of a home that is too deep to a short directory of its own", () => {
    const longest = MAX_SOCKET_PATH_BYTES - "/node.sock".length;
    const fits = resolvePaths({ CLAWMATRIX_HOME: `/${"x".repeat(longest - 1)}` }, "linux", "/");
    expect(fits.socketDirectory).toBeUndefined();
    const one = resolvePaths({ CLAWMATRIX_HOME: `/${"x".repeat(longest)}` }, "linux", "/");
    const other = resolvePaths({ CLAWMATRIX_HOME: `/${"y".repeat(longest)}` }, "linux", "/");
    expect(one.socket).toBe(`${one.socketDirectory}/node.sock`);
    expect(one.socket.length).toBeLessThan(MAX_SOCKET_PATH_BYTES);
    expect(one.socket).not.toBe(other.socket);
  });

  it("uses the places of macOS, and a named pipe on Windows", () => {
    const mac = resolvePaths({}, "darwin", "/Users/ada");
    expect(mac.configFile).toBe("/Users/ada/Library/Application Support/ClawMatrix/config.toml");
    expect(mac.logFile).toBe("/Users/ada/Library/Logs/ClawMatrix/node.log");
    const windows = resolvePaths({ APPDATA: "C:\\Users\\ada\\AppData\\Roaming" }, "win32", "C:\\Users\\ada");
    expect(windows.configFile).toBe("C:\\Users\\ada\\AppData\\Roaming\\ClawMatrix\\config.toml");
    expect(windows.socket).toMatch(/^\\\\\.\\pipe\\clawmatrix-[0-9a-f]{24}$/);
  });
});

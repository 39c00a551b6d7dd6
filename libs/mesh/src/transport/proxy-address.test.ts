import { describe, expect, it } from "vitest";
import { type ProxyEnvironment, proxyAddress } from "./proxy-address.ts";

const PROXY = "http://proxy.example:3128/";
const find = (address: string, env: ProxyEnvironment) => proxyAddress(new URL(address), env)?.href;

describe("the proxy for an address", () => {
  it("is the one for its kind of URL, else the one for all", () => {
    const env = { HTTPS_PROXY: "http://tls.example", http_proxy: "plain.example:8080" };
    expect(find("wss://relay.example", env)).toBe("http://tls.example/");
    expect(find("ws://relay.example", env)).toBe("http://plain.example:8080/");
    expect(find("ws://relay.example", { all_proxy: PROXY })).toBe(PROXY);
    expect(find("ws://relay.example", { HTTPS_PROXY: PROXY })).toBeUndefined();
    expect(find("ws://relay.example", {})).toBeUndefined();
    expect(find("ws://relay.example", { HTTP_PROXY: "" })).toBeUndefined();
  });

  it("is none for this machine itself", () => {
    for (const host of ["localhost", "127.0.0.1", "127.8.9.1", "[::1]"]) {
      expect(find(`ws://${host}:19000`, { ALL_PROXY: PROXY })).toBeUndefined();
    }
  });

  it.each([
    ["*", "ws://relay.example", true],
    ["relay.example", "ws://relay.example:19000", true],
    ["example", "ws://relay.example", true],
    [".example", "ws://relay.example", true],
    ["*.example", "ws://relay.example", true],
    ["lay.example", "ws://relay.example", false],
    ["other.example, RELAY.example", "wss://Relay.Example", true],
    ["relay.example:19000", "ws://relay.example:19000", true],
    ["relay.example:19000", "ws://relay.example", false],
    ["relay.example:443", "wss://relay.example", true],
    ["10.0.0.0/8", "ws://10.1.2.3:19000", true],
    ["10.0.0.0/8", "ws://11.1.2.3:19000", false],
    ["10.0.0.0/99", "ws://10.1.2.3", false],
    ["192.168.1.5", "ws://192.168.1.5", true],
    ["fd00::/8", "ws://[fd00::5]:19000", true],
    ["fd00::5", "ws://[fd00::5]", true],
    ["[fd00::5]:19000", "ws://[fd00::5]:19000", true],
  ])("with NO_PROXY %s, %s goes without: %s", (noProxy, address, without) => {
    const env = { ALL_PROXY: PROXY, NO_PROXY: noProxy };
    expect(find(address, env) === undefined).toBe(without);
  });

  it("is refused where it does not understand CONNECT, without showing its password", () => {
    for (const all of ["socks5://user:geheim@proxy.example", "http://user:geheim@[bad"]) {
      const found = (): unknown => find("ws://relay.example", { ALL_PROXY: all });
      expect(found).toThrow(/the proxy in the environment is/);
      expect(found).not.toThrow(/geheim/);
    }
  });
});

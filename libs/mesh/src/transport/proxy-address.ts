import { BlockList, isIP } from "node:net";
import { StatusCode, StatusError } from "@clawmatrix/protocol";

/** Environment variables, as `process.env` has them. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

/** Proxies that understand CONNECT. */
const SCHEMES = ["http:", "https:"];

/**
 * The proxy through which an address is to be dialled, by `HTTPS_PROXY` (wss://), `HTTP_PROXY` (ws://), `ALL_PROXY` and `NO_PROXY`
 * (in capitals or not); undefined: none. This machine itself is never dialled through a proxy.
 *
 * Throws StatusError FAILED_PRECONDITION "proxy-not-usable" for a proxy that is no http:// or https:// URL.
 */
export function proxyAddress(url: URL, env: ProxyEnvironment): URL | undefined {
  const name = url.protocol === "wss:" ? "https_proxy" : "http_proxy";
  const text = read(env, name) ?? read(env, "all_proxy");
  if (text === undefined || isLoopback(url) || isExcepted(url, read(env, "no_proxy") ?? "")) return undefined;
  const written = text.includes("://") ? text : `http://${text}`;
  const proxy = URL.canParse(written) ? new URL(written) : undefined;
  if (proxy !== undefined && SCHEMES.includes(proxy.protocol)) return proxy;
  // Not the text itself: it may hold a password.
  const kind =
    proxy === undefined ? "is no URL" : `is a ${proxy.protocol}// URL, not an http:// or https:// one`;
  throw new StatusError(StatusCode.FAILED_PRECONDITION, `the proxy in the environment ${kind}`, {
    reason: "proxy-not-usable",
    hint: `set ${name.toUpperCase()} or ALL_PROXY to an HTTP proxy, or name ${url.hostname} in NO_PROXY`,
  });
}

/** Small letters first, as curl does; empty means not set. */
function read(env: ProxyEnvironment, name: string): string | undefined {
  return env[name] || env[name.toUpperCase()] || undefined;
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
}

function isLoopback(url: URL): boolean {
  const host = hostOf(url);
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** Whether NO_PROXY names the host: `*`; a name, which means its subdomains as well; an address; a range such as 10.0.0.0/8; any of them with a port. */
function isExcepted(url: URL, noProxy: string): boolean {
  const host = hostOf(url);
  const port = url.port === "" ? (url.protocol === "wss:" ? "443" : "80") : url.port;
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*") return true;
      const [, withPort, its] = /^(.*[^:]):(\d+)$/.exec(entry) ?? [];
      if (its !== undefined && isIP(entry) === 0) return its === port && names(withPort ?? "", host);
      return names(entry, host);
    });
}

function names(entry: string, host: string): boolean {
  const plain = entry.replace(/^\[|\]$/g, "");
  const [network = "", prefix] = plain.split("/");
  if (prefix !== undefined) return isWithin(network, Number(prefix), host);
  const domain = plain.replace(/^\*?\./, "");
  return host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`));
}

function isWithin(network: string, prefix: number, host: string): boolean {
  const family = isIP(network);
  if (family === 0 || isIP(host) !== family || !(prefix >= 0 && prefix <= (family === 4 ? 32 : 128)))
    return false;
  const type = family === 4 ? "ipv4" : "ipv6";
  const range = new BlockList();
  range.addSubnet(network, prefix, type);
  return range.check(host, type);
}

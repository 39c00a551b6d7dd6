import { isIP } from "node:net";

/** The address of a resource of the endpoint: its path follows that of the base, whose query stays. */
export function resourceOf(base: string, resource: "chat/completions" | "models"): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${resource}`;
  return url;
}

/** The address as errors name it: without its query, in which some services want their keys. */
export function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** Whether it is on this very machine, where no proxy leads. */
export function isLoopback({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** A host and a port, as in `127.0.0.1:19000` or `[::1]:19000`. */
export interface HostPort {
  /** Host name or IP address, without brackets. */
  readonly host: string;
  /** 0 (any free port) to 65535. */
  readonly port: number;
}

/** Longest name that DNS knows. */
const MAX_HOST_CHARACTERS = 253;
const MAX_PORT = 65_535;
const MAX_URL_CHARACTERS = 2_048;

const HOST_PORT =
  /^(?:\[([0-9a-fA-F:.]+(?:%[\w.-]+)?)\]|([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)):(\d{1,5})$/;

/** The parts of HOST:PORT, or undefined if it is none. An IPv6 address stands in brackets. */
export function parseHostPort(text: string): HostPort | undefined {
  if (text.length > MAX_HOST_CHARACTERS + 8) return undefined;
  const [, address, name, digits] = HOST_PORT.exec(text) ?? [];
  const host = address ?? name;
  const port = Number(digits);
  return host === undefined || host.length > MAX_HOST_CHARACTERS || port > MAX_PORT
    ? undefined
    : { host, port };
}

/** HOST:PORT as people write it. */
export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether only programs on this machine can reach the host. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/**
 * Why `text` is no URL of one of these protocols (`ws:`, …), or undefined if it is one. A user name or a password in
 * it is refused: URLs are shown and logged.
 */
export function problemWithUrl(text: string, protocols: readonly string[]): string | undefined {
  const form = protocols.map((protocol) => `${protocol}//…`).join(" or ");
  if (text.length > MAX_URL_CHARACTERS || !URL.canParse(text)) return `must be a URL, ${form}`;
  const url = new URL(text);
  if (!protocols.includes(url.protocol))
    return `must begin with ${protocols.map((p) => `${p}//`).join(" or ")}`;
  if (url.username !== "" || url.password !== "") return "must not hold a user name or password";
  if (url.hash !== "") return "must not hold a #fragment";
  return undefined;
}

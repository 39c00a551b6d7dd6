import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Connection } from "./transport.ts";
import { WebSocketTransport, type WebSocketTransportOptions } from "./websocket-transport.ts";

const DEADLINE_MS = 5_000;
const LOOPBACK = { host: "127.0.0.1", port: 0 };
const FIXTURES = join(import.meta.dirname, "../../test/fixtures");
const pem = (name: string): string => readFileSync(join(FIXTURES, `${name}.pem`), "utf8");
const certificateOf = (name: "first" | "second") => ({
  certificate: pem(`${name}-certificate`),
  key: pem(`${name}-key`),
});

const defaults = getCACertificates("default");
/** What NODE_EXTRA_CA_CERTS does for a whole process. */
const trust = (...names: string[]): void => setDefaultCACertificates([...defaults, ...names.map(pem)]);

const endings: (() => Promise<void> | void)[] = [];

beforeAll(() => trust("first-certificate"));
afterAll(() => setDefaultCACertificates(defaults));
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

function within<T>(what: string, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => reject(new Error(`${what}: not within ${DEADLINE_MS} ms`)), DEADLINE_MS);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A node's listener that sends back what comes. */
async function echo(options: WebSocketTransportOptions) {
  const transport = new WebSocketTransport(options);
  const accepted: Connection[] = [];
  const listener = await transport.listen(LOOPBACK, (connection) => {
    accepted.push(connection);
    connection.receive({ message: (message) => connection.send(message), closed: () => undefined });
  });
  endings.push(async () => {
    for (const connection of accepted) connection.close(4000, "over");
    await listener.close();
  });
  return { transport, port: listener.address.port };
}

/** Dials, sends three bytes, and resolves with what comes back, or with the reason for which nothing did. */
function dial(address: string, env: Record<string, string> = {}): Promise<string> {
  const connection = new WebSocketTransport({ env }).dial(address);
  endings.push(() => connection.close(4000, "over"));
  return within(
    address,
    new Promise((resolve) => {
      connection.receive({
        opened: () => connection.send(Buffer.from("abc")),
        message: (message) => resolve(Buffer.from(message).toString()),
        closed: (_code, reason) => resolve(reason),
      });
    }),
  );
}

/** A proxy that knows nothing but CONNECT, and takes every name for this machine. */
async function connectProxy(password?: string) {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((_request, response) => response.writeHead(405).end());
  server.on("connect", (request, client: Socket) => {
    asked.push(request.url ?? "");
    sockets.add(client);
    client.on("error", () => client.destroy());
    const wanted = password === undefined ? undefined : `Basic ${Buffer.from(password).toString("base64")}`;
    if (request.headers["proxy-authorization"] !== wanted) {
      client.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    const upstream = connect({ host: "127.0.0.1", port: Number(request.url?.split(":").at(-1)) }, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.pipe(upstream).pipe(client);
    });
    sockets.add(upstream);
    upstream.on("error", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endings.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { asked, url: (user = "") => `http://${user}127.0.0.1:${port}` };
}

describe("a link over TLS", () => {
  it("is made with a node that has a certificate of its own", async () => {
    const { port } = await echo({ certificate: certificateOf("first") });
    expect(await dial(`wss://127.0.0.1:${port}`)).toBe("abc");
    expect(await dial(`ws://127.0.0.1:${port}`)).toMatch(/socket hang up|ECONNRESET/);
  });

  it("is not made with a certificate that nobody vouches for", async () => {
    const { port } = await echo({ certificate: certificateOf("second") });
    expect(await dial(`wss://127.0.0.1:${port}`)).toMatch(/self-signed certificate/);
  });

  it("takes a new certificate without ending what stands", async () => {
    const { transport, port } = await echo({ certificate: certificateOf("second") });
    expect(await dial(`wss://127.0.0.1:${port}`)).toMatch(/self-signed certificate/);
    transport.replaceCertificate(certificateOf("first"));
    expect(await dial(`wss://127.0.0.1:${port}`)).toBe("abc");
  });

  it("stands however many others come and go", async () => {
    const { port } = await echo({ certificate: certificateOf("first") });
    const connection = new WebSocketTransport().dial(`wss://127.0.0.1:${port}`);
    endings.push(() => connection.close(4000, "over"));
    let closed = false;
    const { promise: opened, resolve: open } = Promise.withResolvers<void>();
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    connection.receive({ opened: open, message: () => answer(), closed: () => (closed = true) });
    await within("the link", opened);
    let turnedAway = 0;
    const { promise: full, resolve: reached } = Promise.withResolvers<void>();
    const others = Array.from({ length: 300 }, () =>
      connect({ host: "127.0.0.1", port })
        .on("error", () => undefined)
        .on("close", () => ++turnedAway === 43 && reached()),
    );
    await within("the bound of those that wait", full);
    connection.send(Buffer.from("abc"));
    await within("the answer", answered);
    expect(closed).toBe(false);
    for (const socket of others) socket.destroy();
  });
});

describe("a proxy from the environment", () => {
  it("is asked to connect, for ws:// and for wss://, by the name that was dialled", async () => {
    const proxy = await connectProxy();
    const plain = await echo({});
    const secure = await echo({ certificate: certificateOf("first") });
    const env = { ALL_PROXY: proxy.url() };
    expect(await dial(`ws://relay.test:${plain.port}`, env)).toBe("abc");
    expect(await dial(`wss://relay.test:${secure.port}`, env)).toBe("abc");
    expect(proxy.asked).toEqual([`relay.test:${plain.port}`, `relay.test:${secure.port}`]);
  });

  it("learns the password that its URL holds, and nobody else does", async () => {
    const proxy = await connectProxy("me:geheim");
    const { port } = await echo({});
    expect(await dial(`ws://relay.test:${port}`, { ALL_PROXY: proxy.url("me:geheim@") })).toBe("abc");
    const refused = await dial(`ws://relay.test:${port}`, { ALL_PROXY: proxy.url("me:falsch@") });
    expect(refused).toMatch(/407/);
    expect(refused).not.toContain("falsch");
  });

  it("cannot pass a node of its own off as the one that was dialled over TLS", async () => {
    const proxy = await connectProxy();
    const impostor = await echo({ certificate: certificateOf("second") });
    expect(await dial(`wss://relay.test:${impostor.port}`, { ALL_PROXY: proxy.url() })).toMatch(
      /self-signed/,
    );
  });

  it("that does not answer ends the attempt with a reason", async () => {
    expect(await dial("ws://relay.test:19000", { ALL_PROXY: "http://127.0.0.1:1" })).toMatch(/ECONNREFUSED/);
    expect(await dial("ws://relay.test:19000", { ALL_PROXY: "socks5://127.0.0.1:1" })).toMatch(
      /the proxy in the environment/,
    );
  });
});

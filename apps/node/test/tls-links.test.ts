import { chmodSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import { freePort } from "@clawmatrix/environment";
import { afterAll, expect, it } from "vitest";
import { Homes } from "./homes.ts";
import { untilSeen } from "./small-mesh.ts";

const FIXTURES = join(import.meta.dirname, "../../../libs/mesh/test/fixtures");
const homes = new Homes();
afterAll(() => homes[Symbol.asyncDispose]());

it("a node joins over wss:// with a certificate of one's own, through a proxy of the environment", async () => {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer().on("connect", (request, client: Socket) => {
    asked.push(request.url ?? "");
    const upstream = connect(Number(request.url?.split(":").at(-1)), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.pipe(upstream).pipe(client);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  try {
    const [relay, laptop] = [homes.home("relay"), homes.home("laptop")];
    const port = await freePort();
    await relay.ok("init", "--name", "relay", "--listen", `127.0.0.1:${port}`);
    const [certificate, key] = [join(relay.path, "c.pem"), join(relay.path, "k.pem")];
    cpSync(join(FIXTURES, "first-certificate.pem"), certificate);
    cpSync(join(FIXTURES, "first-key.pem"), key);
    chmodSync(key, 0o600);
    const file = join(relay.path, "config.toml");
    const listens = `certificate = "${certificate}"\nkey = "${key}"\nadvertise = ["wss://relay.test:${port}"]\nlisten =`;
    writeFileSync(file, readFileSync(file, "utf8").replace(/^listen =/m, listens));
    await relay.ok("up", "--detach");
    const env = {
      NODE_EXTRA_CA_CERTS: certificate,
      HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    };
    const invitation = (await relay.ok("invite")).trim();
    const joined = await laptop.run(["join", invitation, "--name", "laptop"], { env });
    expect(joined.stderr).toMatch(/laptop \(\S+\) belongs to the mesh/);
    expect((await laptop.run(["up", "--detach"], { env })).code).toBe(0);
    await untilSeen(laptop, ({ name, state }) => name === "relay" && state === "direct");
    expect(new Set(asked)).toEqual(new Set([`relay.test:${port}`]));
  } finally {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  }
});

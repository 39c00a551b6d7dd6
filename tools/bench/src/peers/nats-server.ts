import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { connect as connectTo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onPath } from "./on-path.ts";

/** What a row says where there is no server. */
export const NATS_MISSING = "install nats-server (Debian: apt-get install nats-server)";

/** How long the server may take to listen, in milliseconds. */
const START_TIMEOUT_MS = 10_000;

export interface NatsServer {
  readonly port: number;
  /** The certificate that clients have to trust; undefined: without TLS. */
  readonly certificateFile: string | undefined;
  end(): Promise<void>;
}

/** Starts a nats-server on loopback; undefined where none is installed. TLS needs `openssl` for a certificate. */
export async function startNatsServer({ tls }: { readonly tls: boolean }): Promise<NatsServer | undefined> {
  const program = onPath("nats-server");
  if (program === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "clawmatrix-bench-nats-"));
  const certificate = tls ? makeCertificate(folder) : undefined;
  if (tls && certificate === undefined) {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  const port = await freePort();
  const tlsArguments = certificate
    ? ["--tls", "--tlscert", certificate.file, "--tlskey", certificate.key]
    : [];
  const server = spawn(program, ["-a", "127.0.0.1", "-p", String(port), ...tlsArguments], {
    stdio: "ignore",
  });
  await listening(server, port);
  return {
    port,
    certificateFile: certificate?.file,
    async end() {
      const gone = once(server, "exit");
      server.kill("SIGTERM");
      await gone;
      rmSync(folder, { recursive: true });
    },
  };
}

function makeCertificate(folder: string): { file: string; key: string } | undefined {
  const openssl = onPath("openssl");
  if (openssl === undefined) return undefined;
  const file = join(folder, "certificate.pem");
  const key = join(folder, "key.pem");
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  const { status } = spawnSync(
    openssl,
    ["req", "-x509", ...curve, "-nodes", "-days", "1", ...subject, "-keyout", key, "-out", file],
    { stdio: "ignore" },
  );
  return status === 0 ? { file, key } : undefined;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function listening(server: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const socket = connectTo(port, "127.0.0.1");
    const connected = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (connected) return;
    if (server.exitCode !== null || performance.now() > deadline)
      throw new Error("nats-server did not start");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

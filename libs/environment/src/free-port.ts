/**
 * A port of the loopback address on which nobody listens at the moment; somebody else may be quicker. For programs that have
 * to be told a port before they listen on it: who listens himself asks for port 0.
 */
export async function freePort(): Promise<number> {
  // Loaded here, because nearly everything imports this library and hardly anything looks for a port.
  const { createServer } = await import("node:net");
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  return address.port;
}

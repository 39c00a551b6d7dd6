/** `clawmatrix http-agent`: an agent that is an endpoint, on standard input and output; nodes start it, people do not. */
export async function serveHttpAgent(): Promise<void> {
  await import("@clawmatrix/agents/http-agent");
  // It ends the process itself when its standard input ends.
  await new Promise<never>(() => undefined);
}

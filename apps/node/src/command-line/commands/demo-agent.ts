/** `clawmatrix demo-agent`: the embedded agent on standard input and output; nodes start it, people rarely do. */
export async function serveDemoAgent(): Promise<void> {
  await import("@clawmatrix/agents/demo-agent");
  // It ends the process itself when its standard input ends.
  await new Promise<never>(() => undefined);
}

import type { AgentsService } from "@clawmatrix/agents";

export interface StopAfterTurnsOptions {
  readonly agents: Pick<AgentsService, "runningTurns" | "drain">;
  /** How long running turns may go on, in milliseconds. */
  readonly graceMs: number;
  /** Stops the node; called once, also when nobody reads what this says any more. */
  readonly stop: () => void;
}

/** Lets running turns go on for a while and then stops the node, saying what it waits for. */
export async function* stopAfterTurns({
  agents,
  graceMs,
  stop,
}: StopAfterTurnsOptions): AsyncGenerator<string> {
  const running = agents.runningTurns;
  const drained = agents.drain(graceMs);
  try {
    if (running > 0) {
      yield `waiting for ${running === 1 ? "a turn" : `${running} turns`}, for ${Math.ceil(graceMs / 1000)} s at most`;
      const left = await drained;
      if (left > 0) yield `giving up ${left === 1 ? "a turn" : `${left} turns`}`;
    }
    yield "stopping";
  } finally {
    // What was begun is ended, also when the client that wanted it has gone.
    void drained.finally(stop);
  }
}

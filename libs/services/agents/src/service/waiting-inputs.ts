import type { WaitingInputInit, WatchWaitingResponseInit } from "@clawmatrix/protocol";
import type { InputDesk } from "../inputs/input-desk.ts";
import { Wakeup } from "../sessions/change-signal.ts";

/** What waits for a person in the sessions that `mayAnswer` takes, oldest first. */
export function waitingInputs(
  desk: InputDesk,
  mayAnswer: (sessionId: string) => boolean,
): WaitingInputInit[] {
  return desk.waiting
    .filter((entry) => mayAnswer(entry.sessionId))
    .map(({ id, sessionId, agentId, input, requestJson, since }) => ({
      id,
      sessionId,
      agentId,
      question: input.kind === "question",
      requestJson,
      sinceUnixMs: BigInt(Math.trunc(since)),
    }));
}

/** The same, now and whenever it changes. Changes that come faster than they are read are told once. */
export async function* watchWaiting(
  desk: InputDesk,
  mayAnswer: (sessionId: string) => boolean,
  signal: AbortSignal,
): AsyncGenerator<WatchWaitingResponseInit, void> {
  const wakeup = new Wakeup();
  const wake = (): void => wakeup.wake();
  const stop = desk.changes.listen(wake);
  signal.addEventListener("abort", wake);
  let told: string | undefined;
  try {
    while (!signal.aborted) {
      const inputs = waitingInputs(desk, mayAnswer);
      const ids = inputs.map((input) => input.id).join(" ");
      if (ids !== told) {
        told = ids;
        yield { inputs };
      } else await wakeup.wait();
    }
  } finally {
    stop();
    signal.removeEventListener("abort", wake);
  }
}

import type { WatchRequest, WatchResponseInit } from "@clawmatrix/protocol";
import type { Participant } from "../sessions/audience.ts";
import { Wakeup } from "../sessions/change-signal.ts";
import type { Session } from "../sessions/session.ts";

export interface WatchStreamOptions {
  readonly session: Session;
  readonly request: Pick<WatchRequest, "sinceSeq" | "noFollow">;
  readonly participant: Participant;
  readonly signal: AbortSignal;
}

/**
 * Everything of a session from an event on: its state, what is kept, then what happens, until the session is closed. Only
 * one page of events is held, so that a watcher who reads slowly costs nothing; it reads the log.
 */
export async function* watchStream(options: WatchStreamOptions): AsyncGenerator<WatchResponseInit, void> {
  const { session, request, participant, signal } = options;
  const wakeup = new Wakeup();
  const wake = (): void => wakeup.wake();
  const leave = request.noFollow ? () => undefined : session.follow(participant);
  const stop = session.changes.listen(wake);
  signal.addEventListener("abort", wake);
  let cursor = request.sinceSeq;
  let caughtUp = false;
  let version = -1;
  try {
    while (!signal.aborted) {
      if (version !== session.infoVersion && (version === -1 || caughtUp)) {
        version = session.infoVersion;
        yield { message: { case: "session", value: session.info() } };
      }
      const { events, firstKept } = session.journal.read(cursor + 1);
      if (firstKept > cursor + 1) {
        cursor = firstKept - 1;
        yield { message: { case: "firstKeptSeq", value: firstKept } };
      }
      for (const event of events) {
        yield { message: { case: "event", value: event } };
        cursor = event.seq;
        if (signal.aborted) return;
      }
      if (events.length > 0) continue;
      if (!caughtUp) {
        caughtUp = true;
        yield { message: { case: "caughtUp", value: true } };
        if (request.noFollow) return;
        continue;
      }
      if (version !== session.infoVersion) continue;
      if (session.endReason === "closed") return;
      await wakeup.wait();
    }
  } finally {
    signal.removeEventListener("abort", wake);
    stop();
    leave();
  }
}

import type { Clock, Logger } from "@clawmatrix/environment";
import { StatusError } from "@clawmatrix/protocol";
import type { Session } from "./session.ts";
import { gone } from "./session-endings.ts";

export interface CloseSessionOptions {
  /** How long the agent may take to answer session/close, in milliseconds. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const NO_PARAMS = new Uint8Array();
/** How long a cancelled turn may take to end before its session is closed nevertheless. */
const CLOSE_AFTER_CANCEL_MS = 5_000;

/** Cancels the session's turn, closes it on the agent's side, and lets the process go. It is not continued any more. */
export async function closeSession(session: Session, options: CloseSessionOptions): Promise<void> {
  const why = gone("session-closed", "the session was closed");
  session.dropPrompts(why);
  if (session.cancel()) await turnEnd(session, options.clock);
  await closeAtAgent(session, options);
  session.end("closed", why);
}

/** Has the agent let go of what it holds for a session, where it can; that it does not is no reason to keep the session. */
export async function closeAtAgent(
  session: Session,
  { timeoutMs, logger }: Pick<CloseSessionOptions, "timeoutMs" | "logger">,
): Promise<void> {
  if (session.process.features?.close !== true) return;
  await session.process.call("session/close", NO_PARAMS, { timeoutMs }).catch((error: unknown) => {
    const { message } = StatusError.from(error);
    logger.warn("an agent did not close a session", { session: session.id, error: message });
  });
}

async function turnEnd(session: Session, clock: Clock): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.schedule(CLOSE_AFTER_CANCEL_MS, resolve, { keepAlive: true });
  const stop = session.changes.listen(() => {
    if (session.runningTurn === undefined) resolve();
  });
  if (session.runningTurn === undefined) resolve();
  await promise;
  timer.cancel();
  stop();
}

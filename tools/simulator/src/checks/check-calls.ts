import type { CallLog, Execution } from "../world/call-log.ts";
import type { World } from "../world/world.ts";
import type { Violation } from "./violation.ts";

/** What a server may be ahead of its reader: the widest window of a call, and a message that was begun while it was open. */
const MOST_AHEAD_BYTES = 4 * 1024 * 1024 + 128 * 1024;
/** What retries wait, and what a busy simulated machine may add to a deadline, in milliseconds. */
const PER_ATTEMPT_MS = 2_100;

/** Holds each call to P4, P5, P6 and P8, once all faults are over and every call had the time to end. */
export function checkCalls(logs: readonly CallLog[], world: World): Violation[] {
  return logs.flatMap((log) => [
    ...streamHeld(log),
    ...executedOnce(log),
    ...hasEnded(log),
    ...(isLate(log, world) ? [] : wasInTime(log)),
    ...slowReaderSlowed(log),
    ...wasPrompt(log),
  ]);
}

function streamHeld(log: CallLog): Violation[] {
  const found: Violation[] = [];
  const { kind, count = 1 } = log.errand;
  const p4 = (what: string): void => void found.push({ invariant: "P4", what: `${nameOf(log)}: ${what}` });
  if (!isCountedUp(log.received)) p4(`the caller received ${list(log.received)}`);
  if (log.damaged > 0) p4(`${log.damaged} messages were not as they were sent`);
  for (const { received } of log.executions) {
    if (!isCountedUp(received)) p4(`the server received ${list(received)}`);
  }
  const succeeded = log.endedMs !== undefined && log.error === undefined;
  if (succeeded && log.received.length !== count)
    p4(`it succeeded with ${log.received.length} of ${count} messages`);
  const served = log.executions.at(-1);
  if (succeeded && kind === "conversation" && served?.received.length !== count) {
    p4(`it succeeded, and the server received ${served?.received.length ?? "nothing"} of ${count} messages`);
  }
  return found;
}

function executedOnce(log: CallLog): Violation[] {
  const { kind } = log.errand;
  const found: Violation[] = [];
  const p5 = (what: string): void => void found.push({ invariant: "P5", what: `${nameOf(log)}: ${what}` });
  const { executions } = log;
  const isDurable = kind === "task" || kind === "output";
  const boots = new Set(executions.map(({ boot }) => boot));
  if (isDurable && executions.length > 1) p5(`it was executed ${executions.length} times`);
  // What does no harm twice may be executed again when its answer was not kept.
  if (kind === "conversation" && executions.length > boots.size) p5("one boot executed it more than once");
  if (log.endedMs !== undefined && log.error === undefined && executions.length === 0) {
    p5("it succeeded, and nobody had executed it");
  }
  return found;
}

function hasEnded(log: CallLog): Violation[] {
  const found: Violation[] = [];
  const p6 = (what: string): void => void found.push({ invariant: "P6", what: `${nameOf(log)}: ${what}` });
  if (log.endedMs === undefined && !log.callerHasCrashed()) p6("it never ended for its caller");
  if (log.executions.some(isLeftBehind)) p6("it never ended on the node that served it");
  return found;
}

/** Whether its caller was slow, or stood still, at any time: then its deadline comes later. */
function isLate({ errand: { from } }: CallLog, { faults }: World): boolean {
  return faults.some((fault) => (fault.kind === "slow" || fault.kind === "pause") && fault.node === from);
}

function wasInTime(log: CallLog): Violation[] {
  const { timeoutMs, kind, cancelMs, count = 1, readMs = 0 } = log.errand;
  const limitMs = Math.min(
    kind === "output" ? Number.POSITIVE_INFINITY : (timeoutMs ?? Number.POSITIVE_INFINITY),
    cancelMs ?? Number.POSITIVE_INFINITY,
  );
  const tookMs = (log.endedMs ?? log.startedMs) - log.startedMs;
  if (tookMs <= log.attempts * (limitMs + PER_ATTEMPT_MS) + count * readMs) return [];
  return [
    { invariant: "P6", what: `${nameOf(log)}: it took ${tookMs} ms, with a deadline of ${limitMs} ms` },
  ];
}

function isLeftBehind({ ended, hasCrashed }: Execution): boolean {
  return !ended && !hasCrashed();
}

function slowReaderSlowed(log: CallLog): Violation[] {
  // Where the call was lost on the way, a durable one goes on for nobody, and waits for nobody.
  if (log.error !== undefined || log.callerHasCrashed() || log.mostAheadBytes <= MOST_AHEAD_BYTES) return [];
  return [
    {
      invariant: "P8",
      what: `${nameOf(log)}: its server was ${log.mostAheadBytes} bytes ahead of its reader`,
    },
  ];
}

function wasPrompt(log: CallLog): Violation[] {
  const { promptMs } = log.errand;
  if (promptMs === undefined) return [];
  const tookMs = (log.endedMs ?? Number.POSITIVE_INFINITY) - log.startedMs;
  if (log.error === undefined && tookMs <= promptMs) return [];
  const how = log.error === undefined ? `took ${tookMs} ms` : `failed: ${log.error.message}`;
  return [{ invariant: "errand", what: `${nameOf(log)}: it had ${promptMs} ms, and ${how}` }];
}

function isCountedUp(numbers: readonly number[]): boolean {
  return numbers.every((number, i) => number === i);
}

function list(numbers: readonly number[]): string {
  const wrong = numbers.findIndex((number, i) => number !== i);
  return `message ${numbers[wrong]} as number ${wrong} of ${numbers.length}`;
}

function nameOf({ errand: { kind, from, to, atMs } }: CallLog): string {
  return `the ${kind} of ${atMs} ms from ${from} to ${to}`;
}

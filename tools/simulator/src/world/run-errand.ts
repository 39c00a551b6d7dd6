import type { Clock, Random } from "@clawmatrix/environment";
import {
  type CallOptions,
  DiagnosticService,
  HandoffService,
  StatusCode,
  StatusError,
  TerminalService,
  ToolService,
} from "@clawmatrix/protocol";
import { type CallDialer, createClient } from "@clawmatrix/rpc";
import type { OutputArguments } from "./application.ts";
import type { CallLog } from "./call-log.ts";
import type { Messages } from "./message.ts";
import { sleep } from "./sleep.ts";

export interface ErrandRun {
  readonly log: CallLog;
  readonly dialer: CallDialer;
  /** The caller's machine. */
  readonly clock: Clock;
  readonly random: Random;
  readonly messages: Messages;
}

/** Between two attempts under one call id. */
const RETRY_MS = 2_000;
const DEFAULT_BYTES = 100;

/** Makes the call of an errand, again if it is to be tried again, and notes what comes of it. */
export async function runErrand(run: ErrandRun): Promise<void> {
  const { log, clock } = run;
  const { retries = 0 } = log.errand;
  for (;;) {
    log.attempts++;
    log.received = [];
    log.error = undefined;
    try {
      await attempt(run);
    } catch (thrown) {
      log.error = StatusError.from(thrown);
    }
    if (log.error?.code !== StatusCode.UNAVAILABLE || log.attempts > retries) break;
    await sleep(clock, RETRY_MS);
  }
  log.endedMs = clock.monotonic();
}

async function attempt(run: ErrandRun): Promise<void> {
  const { log, clock } = run;
  const { kind, timeoutMs, cancelMs } = log.errand;
  const cancel = new AbortController();
  const timer = cancelMs === undefined ? undefined : clock.schedule(cancelMs, () => cancel.abort());
  const options: CallOptions = { timeoutMs, signal: cancel.signal, callId: Buffer.from(log.callId, "hex") };
  try {
    if (kind === "ping") await ping(run, options);
    else if (kind === "task") await task(run, options);
    else if (kind === "output") await output(run, options);
    else await conversation(run, options);
  } finally {
    timer?.cancel();
  }
}

async function ping(run: ErrandRun, options: CallOptions): Promise<void> {
  const { log, dialer, messages } = run;
  const { bytes = DEFAULT_BYTES } = log.errand;
  const { payload } = await createClient(DiagnosticService, dialer, run).ping(
    { payload: messages.make(0, bytes) },
    options,
  );
  note(run, payload);
}

async function task(run: ErrandRun, options: CallOptions): Promise<void> {
  const { log, dialer, messages } = run;
  const client = createClient(HandoffService, dialer, run);
  const { handoff } = await client.start({ id: log.callId, task: messages.secret.toString() }, options);
  if (handoff?.id !== log.callId) log.damaged++;
  log.received.push(0);
}

async function output(run: ErrandRun, options: CallOptions): Promise<void> {
  const { log, dialer, clock } = run;
  const { count = 1, bytes = DEFAULT_BYTES, everyMs = 0, readMs = 0 } = log.errand;
  const wanted: OutputArguments = { count, bytes, everyMs };
  const argumentsJson = Buffer.from(JSON.stringify(wanted));
  const client = createClient(ToolService, dialer, run);
  for await (const { message } of client.call({ toolId: "output", argumentsJson }, options)) {
    if (message.case === "output") note(run, message.value.data);
    if (readMs > 0) await sleep(clock, readMs, options.signal);
  }
}

async function conversation(run: ErrandRun, options: CallOptions): Promise<void> {
  const { log, dialer, clock } = run;
  const { readMs = 0 } = log.errand;
  const client = createClient(TerminalService, dialer, run);
  for await (const { output } of client.open(inputs(run, options), options)) {
    if (output?.output.case === "data") note(run, output.output.value);
    if (readMs > 0) await sleep(clock, readMs, options.signal);
  }
}

async function* inputs({ log, clock, messages }: ErrandRun, { signal }: CallOptions) {
  const { count = 1, bytes = DEFAULT_BYTES, everyMs = 0 } = log.errand;
  for (let number = 0; number < count; number++) {
    if (everyMs > 0) await sleep(clock, everyMs, signal);
    yield {
      message: { case: "input", value: { input: { case: "data", value: messages.make(number, bytes) } } },
    } as const;
  }
}

function note({ log, messages }: ErrandRun, message: Uint8Array): void {
  log.received.push(messages.numberOf(message));
  if (!messages.isIntact(message)) log.damaged++;
}

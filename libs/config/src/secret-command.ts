import { type ChildProcess, spawn } from "node:child_process";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import type { ResolveSecretOptions } from "./secret-value.ts";

/** A password manager that asks nobody answers within a second; one that asks a person finds nobody here. */
const DEADLINE_MS = 10_000;

/** Tokens and keys are far smaller; what prints more is not printing a secret. */
const MAX_OUTPUT_BYTES = 64 * 1024;

/** A group of its own, so that what the command started ends with it. Windows has no such groups. */
const OWN_GROUP = process.platform !== "win32";

/** What a command prints, without its last line end. Its standard error is not read: it may hold the secret. */
export async function runSecretCommand(
  [program, ...args]: readonly [string, ...string[]],
  { key, clock, env = process.env, signal }: ResolveSecretOptions,
): Promise<string> {
  const refusal = (code: StatusCode, what: string, cause?: unknown): StatusError =>
    new StatusError(code, `${key} comes from the command "${program}", which ${what}`, {
      cause,
      hint: "run the command by hand to see what it says",
    });
  const cancelled = () => refusal(StatusCode.CANCELLED, "was cancelled");
  if (signal?.aborted) throw cancelled();
  const child = spawn(program, args, {
    env: { ...env },
    stdio: ["ignore", "pipe", "ignore"],
    detached: OWN_GROUP,
  });
  const ended = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let total = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    total += chunk.length;
    if (total <= MAX_OUTPUT_BYTES) chunks.push(chunk);
    else ended.reject(refusal(StatusCode.RESOURCE_EXHAUSTED, `printed more than ${MAX_OUTPUT_BYTES} bytes`));
  });
  child.once("error", (cause) =>
    ended.reject(refusal(StatusCode.FAILED_PRECONDITION, "cannot be started", cause)),
  );
  child.once("close", (code, killedBy) => {
    if (code === 0) ended.resolve(Buffer.concat(chunks));
    else
      ended.reject(refusal(StatusCode.FAILED_PRECONDITION, `ended with ${killedBy ?? `exit code ${code}`}`));
  });
  const onAbort = (): void => ended.reject(cancelled());
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = clock.schedule(DEADLINE_MS, () =>
    ended.reject(refusal(StatusCode.DEADLINE_EXCEEDED, `did not end within ${DEADLINE_MS / 1_000} s`)),
  );
  try {
    const output = await ended.promise;
    const secret = output.toString("utf8").replace(/\r?\n$/, "");
    if (secret === "") throw refusal(StatusCode.FAILED_PRECONDITION, "printed nothing");
    return secret;
  } finally {
    timer.cancel();
    signal?.removeEventListener("abort", onAbort);
    end(child);
  }
}

/** Ends the command and what it started, if any of it is left. */
function end(child: ChildProcess): void {
  // A grandchild that left the group may hold the pipe open; nobody listens to it any more.
  child.stdout?.destroy();
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(OWN_GROUP ? -child.pid : child.pid, "SIGKILL");
  } catch (cause) {
    // ESRCH: it ended by itself between the decision and the signal.
    if ((cause as NodeJS.ErrnoException).code !== "ESRCH") throw cause;
  }
}

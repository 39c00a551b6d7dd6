import { type Logger, silentLogger } from "@clawmatrix/environment";
import { callFromOutside, type OutsideCall } from "../checks/call-from-outside.ts";
import { checkBounds } from "../checks/check-bounds.ts";
import { checkCalls } from "../checks/check-calls.ts";
import { checkLateFrames } from "../checks/check-late-frames.ts";
import { checkMembership } from "../checks/check-membership.ts";
import { checkQuiet, checkStopped, leftOver } from "../checks/check-quiet.ts";
import { missingKnowledge } from "../checks/check-routes.ts";
import { checkSecrecy } from "../checks/check-secrecy.ts";
import type { Violation } from "../checks/violation.ts";
import { beginFault, type EndFault } from "../faults/begin-fault.ts";
import type { Fault } from "../faults/fault.ts";
import type { Sabotage } from "../sabotage/sabotage.ts";
import type { CallLog } from "./call-log.ts";
import { Identities } from "./identities.ts";
import { RunningWorld } from "./running-world.ts";
import type { World } from "./world.ts";

export interface RunOptions {
  /** Where nodes say what happens. Default: nowhere. */
  readonly logger?: Logger;
  /** Identities of worlds before, to be used again. Default: new ones. */
  readonly identities?: Identities;
  /** Protections taken away. Default: none. */
  readonly sabotage?: Sabotage;
}

/** What came of a world. */
export interface WorldReport {
  readonly world: World;
  readonly violations: readonly Violation[];
  /** The same for every run of the same world. */
  readonly traceDigest: string;
  readonly virtualMs: number;
  /** From the end of all faults until all knew all, in virtual milliseconds. */
  readonly healedInMs: number;
  readonly calls: { readonly succeeded: number; readonly failed: number };
  readonly wireBytes: number;
}

/** Until all nodes know each other, where nothing disturbs them. */
const SETTLING_MS = 60_000;
/** Until all know all again: one wait after a failed handshake (5.5 minutes), one after others (1 minute), one exchange. */
const HEALING_MS = 8 * 60_000;
/** Until every call has ended that has no deadline of its own, or a longer one: the channel's silence, and again for retries. */
const ENDING_MS = 12 * 60_000;
/** Until channels that nobody uses are gone: they are idle for a minute, and look every 15 s. */
const IDLING_MS = 3 * 60_000;
/** Until connections are closed, on the slowest network of a world. */
const STOPPING_MS = 5_000;
/** How often bounds are looked at while faults go on. */
const LOOK_MS = 1_000;

/** Lets a world run to its end, and holds it to the invariants. */
export async function runWorld(world: World, options: RunOptions = {}): Promise<WorldReport> {
  const { logger = silentLogger, identities = new Identities(), sabotage = {} } = options;
  const running = new RunningWorld(world, { identities, logger, sabotage });
  const { time } = running;
  const violations: Violation[] = [];
  await running.start();
  if (!(await time.until(() => missingKnowledge(running) === undefined, SETTLING_MS))) {
    violations.push({ invariant: "routes", what: `before any fault: ${missingKnowledge(running)}` });
  }
  violations.push(...(await disturb(running)));
  const healingSince = time.nowMs;
  if (!(await time.until(() => missingKnowledge(running) === undefined, HEALING_MS, 500))) {
    violations.push({ invariant: "routes", what: `after all faults: ${missingKnowledge(running)}` });
  }
  const healedInMs = time.nowMs - healingSince;
  await time.until(() => running.logs.all().every(hasEnded), ENDING_MS, 1_000);
  const outside = callFromOutside(running);
  await time.until(() => outside.every(isOver) && everyNode(running, isQuiet), IDLING_MS, 1_000);
  violations.push(
    ...checkCalls(running.logs.all(), world),
    ...outside.flatMap(({ violation }) => violation ?? []),
    ...checkLateFrames(running),
    ...checkMembership(running),
    ...checkSecrecy(running),
    ...checkQuiet(running),
    ...(await stop(running)),
  );
  const logs = running.logs.all();
  const succeeded = logs.filter(({ endedMs, error }) => endedMs !== undefined && error === undefined).length;
  return {
    world,
    violations,
    traceDigest: running.traceDigest(),
    virtualMs: time.nowMs,
    healedInMs,
    calls: { succeeded, failed: logs.length - succeeded },
    wireBytes: running.wireBytes,
  };
}

/** The world's own time: errands are run and faults come and go. All of them are over at its end. */
async function disturb(running: RunningWorld): Promise<Violation[]> {
  const { time, world } = running;
  running.originMs = time.nowMs;
  const ends = new Set<() => void>();
  for (const errand of world.errands) time.clock.schedule(errand.atMs, () => void running.run(errand));
  for (const fault of world.faults) {
    time.clock.schedule(fault.atMs, () => begin(running, fault, ends));
  }
  const violations: Violation[] = [];
  for (let passed = 0; passed < world.durationMs; passed += LOOK_MS) {
    await time.pass(Math.min(LOOK_MS, world.durationMs - passed));
    if (violations.length === 0) violations.push(...checkBounds(running));
  }
  for (const end of [...ends]) end();
  return violations;
}

function begin(running: RunningWorld, fault: Fault, ends: Set<() => void>): void {
  const { time, world, originMs } = running;
  const worldEndsMs = originMs + world.durationMs;
  const untilMs = "forMs" in fault ? Math.min(worldEndsMs, time.nowMs + (fault.forMs ?? 0)) : worldEndsMs;
  const endFault: EndFault = beginFault(running, fault, untilMs);
  if (endFault === undefined) return;
  const end = (): void => {
    if (ends.delete(end)) void endFault();
  };
  ends.add(end);
  time.clock.schedule(untilMs - time.nowMs, end);
}

async function stop(running: RunningWorld): Promise<Violation[]> {
  const nodes = running.participants.map(({ node }) => node).filter(({ isRunning }) => isRunning);
  const stopped = Promise.all(nodes.map((node) => node.stop()));
  await running.time.pass(STOPPING_MS);
  const violations = checkStopped(nodes);
  for (const node of nodes) node.crash();
  await Promise.race([stopped, Promise.resolve()]);
  return violations;
}

/** On both sides, as far as they are still there. */
function hasEnded({ endedMs, callerHasCrashed, executions }: CallLog): boolean {
  const atCaller = endedMs !== undefined || callerHasCrashed();
  return atCaller && executions.every(({ ended, hasCrashed }) => ended || hasCrashed());
}

function everyNode(
  running: RunningWorld,
  holds: (node: RunningWorld["participants"][number]["node"]) => boolean,
): boolean {
  return running.participants.every(({ node }) => !node.isRunning || holds(node));
}

function isQuiet(node: RunningWorld["participants"][number]["node"]): boolean {
  return leftOver(node) === undefined;
}

function isOver({ ended }: OutsideCall): boolean {
  return ended;
}

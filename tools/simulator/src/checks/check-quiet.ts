import type { RunningWorld } from "../world/running-world.ts";
import type { SimulatedNode } from "../world/simulated-node.ts";
import type { Violation } from "./violation.ts";

/** Per link: the next heartbeat, its watch, and the next comparison of what is known. */
const TIMERS_PER_LINK = 3;
/** Per address that is dialled: the next attempt, or what watches over the one that is being made. */
const TIMERS_PER_DIALER = 2;
/** Of the node itself: its next record, its next routes, the look at strangers' links. */
const TIMERS_OF_NODE = 4;

/** Something of a call that is still there; undefined: nothing is. */
export function leftOver({ host, server, channels }: SimulatedNode): string | undefined {
  const open = [...channels.channels()];
  if (server.openCalls > 0) return `${host} still serves ${server.openCalls} calls`;
  const calls = open.reduce((sum, { openCalls }) => sum + openCalls, 0);
  if (calls > 0) return `${host} still has ${calls} calls on its channels`;
  if (open.length > 0) return `${host} still has ${open.length} channels`;
  if (channels.unfinished > 0) return `${host} still opens ${channels.unfinished} channels`;
  return undefined;
}

/** Holds all nodes to P6, when nothing has been to do for so long that nothing may be left. */
export function checkQuiet(running: RunningWorld): Violation[] {
  const found: Violation[] = [];
  for (const { node } of running.participants) {
    if (!node.isRunning) continue;
    const left = leftOver(node);
    if (left !== undefined) found.push({ invariant: "P6", what: left });
    const { mesh, machine, host } = node;
    const links = mesh.neighbours().length;
    const most = TIMERS_OF_NODE + links * TIMERS_PER_LINK + mesh.dialers().length * TIMERS_PER_DIALER;
    if (machine.timers > most) {
      found.push({ invariant: "P6", what: `${host} has ${machine.timers} timers, with ${links} links` });
    }
  }
  return found;
}

/** Holds nodes that were stopped to P6: nothing of them is left. */
export function checkStopped(nodes: readonly SimulatedNode[]): Violation[] {
  return nodes
    .filter(({ machine }) => machine.timers > 0)
    .map(({ host, machine }) => ({
      invariant: "P6",
      what: `${host} was stopped and has ${machine.timers} timers`,
    }));
}

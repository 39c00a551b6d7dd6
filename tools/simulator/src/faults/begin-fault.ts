import type { Participant, RunningWorld } from "../world/running-world.ts";
import type { Fault, LinkFault, MemberFault, NodeFault } from "./fault.ts";
import type { Disturbance } from "./weather.ts";

/** Ends a fault. Undefined: it is over already, or lasts. */
export type EndFault = (() => void | Promise<void>) | undefined;

/** Lets a fault begin now. `untilMs`: when it will be over, in monotonic milliseconds. */
export function beginFault(running: RunningWorld, fault: Fault, untilMs: number): EndFault {
  switch (fault.kind) {
    case "break":
    case "cut":
    case "half-open":
    case "stall":
    case "delay":
    case "lose":
    case "flip":
      return beginLinkFault(running, fault, untilMs);
    case "packets":
      return running.participants[fault.node]?.node.way.disturb(fault);
    case "crash":
    case "pause":
    case "slow":
    case "clock":
      return beginNodeFault(running, fault);
    case "stranger":
    case "join":
    case "revoke":
      beginMemberFault(running, fault);
      return undefined;
  }
}

function beginLinkFault(
  { network, weather, participants }: RunningWorld,
  fault: LinkFault,
  untilMs: number,
): EndFault {
  const [one, other] = fault.between.map((number) => participants[number]?.host) as [string, string];
  const bothWays = (disturbance: Disturbance): EndFault => {
    const ends = [weather.disturb(one, other, disturbance), weather.disturb(other, one, disturbance)];
    return () => {
      for (const end of ends) end();
    };
  };
  switch (fault.kind) {
    case "break":
      network.cut(one, other);
      return undefined;
    case "cut":
      network.separate(one, other);
      return () => network.heal(one, other);
    case "half-open":
      return fault.oneWay ? weather.disturb(one, other, { lose: 1 }) : bothWays({ lose: 1 });
    case "stall":
      return bothWays({ heldUntil: untilMs });
    case "delay":
      return bothWays({ delayMs: fault.ms, jitterMs: fault.jitterMs });
    case "lose":
      return bothWays({ lose: fault.share });
    case "flip":
      return bothWays({ flip: fault.share });
  }
}

function beginNodeFault(running: RunningWorld, fault: NodeFault): EndFault {
  const participant = running.participants[fault.node];
  if (participant === undefined || !participant.node.isRunning) return undefined;
  const { machine } = participant.node;
  switch (fault.kind) {
    case "crash": {
      if (fault.when === "now") crash(running, participant, fault.silent);
      else {
        const { boots } = participant;
        participant.disk.crashAtNextWrite(fault.when, () => {
          if (participant.boots === boots) crash(running, participant, fault.silent);
        });
      }
      return () => {
        participant.disk.disarm();
        return fault.forMs === undefined ? undefined : running.restart(participant);
      };
    }
    case "pause":
      machine.pause();
      return () => machine.resume();
    case "slow":
      machine.slowDown(fault.ms);
      return () => machine.slowDown(0);
    case "clock":
      machine.jump(fault.jumpMs);
      return undefined;
  }
}

function crash({ network, participants }: RunningWorld, { node, host }: Participant, silent: boolean): void {
  node.crash();
  for (const other of participants) {
    if (silent) network.silence(host, other.host);
    else network.cut(host, other.host);
  }
}

function beginMemberFault(running: RunningWorld, fault: MemberFault): void {
  if (fault.kind === "join") void running.join(fault.near);
  else if (fault.kind === "revoke") running.revoke(fault.node);
  else void running.stranger(fault.near, fault.knowsSecret);
}

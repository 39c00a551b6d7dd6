import { DiagnosticService } from "@clawmatrix/protocol";
import { createClient, overChannel } from "@clawmatrix/rpc";
import type { RunningWorld } from "../world/running-world.ts";
import type { Violation } from "./violation.ts";

/** A call that must not be served. */
export interface OutsideCall {
  ended: boolean;
  violation: Violation | undefined;
}

/** Lets everybody who does not belong to the mesh call each of its members (P2). */
export function callFromOutside(running: RunningWorld): OutsideCall[] {
  const outside = running.participants.filter(
    ({ role, node }) => node.isRunning && (role === "stranger" || running.isRevoked(node)),
  );
  return outside.flatMap(({ node, host, role }) =>
    running.informedMembers().map((member) => {
      const call: OutsideCall = { ended: false, violation: undefined };
      const dialer = overChannel(node.channels, member.identity.nodeId);
      const client = createClient(DiagnosticService, dialer, { clock: node.machine, random: node.random });
      const what = `${host} (${role}) called ${member.host}`;
      client
        .ping({ payload: running.messages.make(0, 0) })
        .then(
          () => {
            call.violation = { invariant: "P2", what: `${what}, and was served` };
          },
          // Which side refuses it, and how, depends on how much either of them knows.
          () => undefined,
        )
        .finally(() => {
          call.ended = true;
        });
      return call;
    }),
  );
}

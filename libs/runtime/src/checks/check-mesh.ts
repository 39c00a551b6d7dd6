import type { MeshStack } from "../mesh-stack.ts";
import { bad, type Finding, good, warning } from "./finding.ts";

export interface CheckMeshOptions {
  readonly stack: MeshStack;
  readonly softwareVersion: string;
  /** Wall-clock time, in milliseconds since 1970. */
  readonly now: number;
  /** What is wrong with this node's place in the mesh. */
  readonly standing: readonly string[];
}

/** Clocks that differ by more than this, in milliseconds, make invitations expire early or late. */
const MAX_CLOCK_DIFFERENCE_MS = 2 * 60_000;
/** Before this version was made, in milliseconds since 1970: 1 November 2026. */
const EARLIEST_MS = Date.UTC(2026, 10, 1);

/** Whether the clock can be right, who is reached, and whether all speak the same version. */
export function checkMesh({ stack: { node }, softwareVersion, now, standing }: CheckMeshOptions): Finding[] {
  const others = node.nodes().filter(({ reach }) => reach !== "self");
  const reached = others.filter(({ reach }) => reach !== "unreachable");
  const ahead = reached.filter(
    ({ record }) => Number(record.changedAtUnixMs) > now + MAX_CLOCK_DIFFERENCE_MS,
  );
  const older = reached.filter(({ record }) => record.softwareVersion !== softwareVersion);
  const findings: Finding[] = [];
  if (now < EARLIEST_MS) {
    findings.push(bad("clock", `it says ${new Date(now).toISOString()}`, "Set the clock of this machine."));
  } else if (ahead.length > 0) {
    findings.push(
      warning(
        "clock",
        `it is behind those of ${named(ahead)}`,
        "Let all machines set their clocks by the network (NTP).",
      ),
    );
  } else findings.push(good("clock", new Date(now).toISOString()));
  for (const problem of standing) {
    findings.push(bad("membership", problem, "`clawmatrix members` on an operator's node says who belongs."));
  }
  for (const { address, state, reason } of node.dialers()) {
    const subject = `peer ${address}`;
    if (state === "linked" || state === "linked-otherwise") findings.push(good(subject, "there is a link"));
    else {
      findings.push(
        bad(
          subject,
          reason === "" ? "no link yet" : reason,
          "Is it running there, and does the address lead to it?",
        ),
      );
    }
  }
  const away = others.filter(({ reach }) => reach === "unreachable");
  findings.push(
    away.length === 0
      ? good("nodes", `all ${others.length} others are reachable`)
      : warning(
          "nodes",
          `${named(away)} cannot be reached: ${away[0]?.why ?? ""}`,
          "See `clawmatrix nodes`.",
        ),
  );
  if (older.length > 0) {
    const versions = older
      .map(({ record }) => `${record.name} has ${record.softwareVersion || "none"}`)
      .join(", ");
    findings.push(
      warning(
        "versions",
        `here is ${softwareVersion}; ${versions}`,
        "They work together; update the older ones when you can.",
      ),
    );
  } else findings.push(good("versions", `all have ${softwareVersion}`));
  return findings;
}

/** Some names, and how many more there are. */
function named(nodes: readonly { readonly record: { readonly name: string } }[]): string {
  const shown = nodes.slice(0, 3).map(({ record }) => record.name);
  return nodes.length > shown.length
    ? `${shown.join(", ")} and ${nodes.length - shown.length} more`
    : shown.join(", ");
}

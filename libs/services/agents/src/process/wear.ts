import type { AgentSettings } from "../agent-settings.ts";
import { processesOfGroup } from "./process-table.ts";
import type { RunningAgent } from "./running-agent.ts";

/**
 * Why a process takes no new sessions, where another can take them. "late": it left a request unanswered, and is not given
 * any even where no other can.
 */
export type Wear = "age" | "sessions" | "memory" | "late";

export type WearLimits = Pick<AgentSettings, "maxAgeMs" | "maxServed" | "maxMemoryBytes">;

/** Whether a process has had its time: programs that live for ever grow for ever. */
export async function wearOf(
  agent: RunningAgent,
  limits: WearLimits,
  ageMs: number,
): Promise<Wear | undefined> {
  if (ageMs >= limits.maxAgeMs) return "age";
  if (agent.served >= limits.maxServed) return "sessions";
  // With what it has started itself: some agents run a process for each session.
  const processes = await processesOfGroup(agent.pid);
  const bytes = processes.reduce((sum, { residentBytes }) => sum + residentBytes, 0);
  return bytes >= limits.maxMemoryBytes ? "memory" : undefined;
}

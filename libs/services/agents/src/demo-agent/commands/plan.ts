import type { PlanEntry } from "@agentclientprotocol/sdk";
import type { Command } from "./command.ts";

const STEPS: readonly Pick<PlanEntry, "content" | "priority">[] = [
  { content: "read the code", priority: "high" },
  { content: "find the cause", priority: "high" },
  { content: "fix it", priority: "medium" },
  { content: "verify", priority: "low" },
];

export const plan: Command = {
  name: "plan",
  input: "",
  description: "Shows a plan whose steps get done one by one (none of it is real)",
  async run(_argument, turn) {
    for (let done = 0; done <= STEPS.length; done++) {
      const entries = STEPS.map((step, at): PlanEntry => {
        const status = at < done ? "completed" : at === done ? "in_progress" : "pending";
        return { ...step, status };
      });
      await turn.update({ sessionUpdate: "plan", entries });
      if (done < STEPS.length) await turn.pause();
    }
    await turn.say("The plan is done. It was only for show: nothing was read, found or fixed.\n");
  },
};

import { type AgentProgram, StdioAgent } from "../../agents/stdio-agent.ts";
import { serve } from "../../processes/serve.ts";
import { CHUNK, PACE } from "./flood.ts";

// Reads an agent over its pipes, with nothing between.

let agent: StdioAgent | undefined;
let cwd = "";

serve({
  async start(program: AgentProgram) {
    agent = new StdioAgent(program);
    cwd = program.cwd;
    await agent.initialize();
  },
  /** Milliseconds from a prompt until its turn has ended, after so many updates. */
  async flood(updates: number) {
    if (agent === undefined) throw new Error("no agent was started");
    const session = await agent.newSession(cwd);
    await agent.prompt(session, PACE, () => undefined);
    let seen = 0;
    const began = performance.now();
    await agent.prompt(session, `slow ${updates}`, (kind) => {
      if (kind === CHUNK) seen++;
    });
    const took = performance.now() - began;
    if (seen !== updates) throw new Error(`${seen} updates came instead of ${updates}`);
    return took;
  },
  async end() {
    await agent?.end();
  },
});

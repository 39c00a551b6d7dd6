import { type AgentProgram, StdioAgent } from "../../agents/stdio-agent.ts";
import { serve } from "../../processes/serve.ts";
import { FIRST_UPDATE, PROMPT } from "./first-update.ts";

// Speaks to agents over their pipes, with nothing between.

const warm = new Map<string, { agent: StdioAgent; cwd: string }>();

serve({
  async start({ id, program }: { id: string; program: AgentProgram }) {
    const agent = new StdioAgent(program);
    warm.set(id, { agent, cwd: program.cwd });
    await agent.initialize();
  },
  /** Milliseconds from the request for a session until the first update of a prompt in it. */
  firstUpdate(id: string) {
    const { agent, cwd } = warm.get(id) ?? noAgent(id);
    return firstUpdate(agent, cwd, performance.now());
  },
  /** The same with a process that is started for it. */
  async cold(program: AgentProgram) {
    const began = performance.now();
    const agent = new StdioAgent(program);
    try {
      await agent.initialize();
      return await firstUpdate(agent, program.cwd, began);
    } finally {
      await agent.end();
    }
  },
  /** Milliseconds until a process that is started for it has answered its first request. */
  async coldStart(program: AgentProgram) {
    const began = performance.now();
    const agent = new StdioAgent(program);
    try {
      await agent.initialize();
      return performance.now() - began;
    } finally {
      await agent.end();
    }
  },
  async end() {
    for (const { agent } of warm.values()) await agent.end();
  },
});

async function firstUpdate(agent: StdioAgent, cwd: string, began: number): Promise<number> {
  const session = await agent.newSession(cwd);
  let first = Number.NaN;
  await agent.prompt(session, PROMPT, (kind) => {
    if (kind === FIRST_UPDATE && Number.isNaN(first)) first = performance.now() - began;
  });
  await agent.closeSession(session);
  if (Number.isNaN(first)) throw new Error("no update came");
  return first;
}

function noAgent(id: string): never {
  throw new Error(`no agent ${id} was started`);
}

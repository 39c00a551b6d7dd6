import { access, constants } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import type { AgentConfiguration } from "@clawmatrix/config";
import { bad, type Finding, good } from "./finding.ts";

/** Whether the command of each agent is there, and the directories in which it may work. */
export async function checkAgents(
  agents: readonly AgentConfiguration[],
  env: NodeJS.ProcessEnv,
): Promise<Finding[]> {
  return await Promise.all(agents.map((agent) => checkAgent(agent, env)));
}

async function checkAgent(agent: AgentConfiguration, env: NodeJS.ProcessEnv): Promise<Finding> {
  const subject = `agent ${agent.id}`;
  const start = agent.kind === "http" ? agent.url : await findProgram(agent.command[0], env);
  if (start === undefined && agent.kind === "process") {
    const [program] = agent.command;
    const where = program.includes("/") ? "" : " on the PATH of the node";
    return bad(
      subject,
      `${program} is not there, or cannot be run${where}`,
      "Install it, or correct `command` in the configuration.",
    );
  }
  for (const directory of agent.directories) {
    if (await isUsable(directory, constants.R_OK)) continue;
    return bad(
      subject,
      `its directory ${directory} cannot be read`,
      "Make it, or correct `directories` in the configuration.",
    );
  }
  return good(subject, `${start}; \`clawmatrix agents check ${agent.id}\` starts it`);
}

async function findProgram(program: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const endings = process.platform === "win32" ? [".cmd", ".exe", ""] : [""];
  const folders = isAbsolute(program) || program.includes("/") ? [""] : (env.PATH ?? "").split(delimiter);
  for (const folder of folders) {
    for (const ending of endings) {
      const file = folder === "" ? program + ending : join(folder, program + ending);
      if (await isUsable(file, constants.X_OK)) return file;
    }
  }
  return undefined;
}

async function isUsable(file: string, mode: number): Promise<boolean> {
  return await access(file, mode).then(
    () => true,
    () => false,
  );
}

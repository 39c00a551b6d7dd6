export { claude } from "./agents/claude.ts";
export { codex } from "./agents/codex.ts";
export type { AgentLaunch, RealAgent } from "./agents/real-agent.ts";
export { findInstalledAgent } from "./install.ts";
export { privateEnvironment } from "./private-environment.ts";
export { ScriptedModel } from "./scripted-model/server.ts";

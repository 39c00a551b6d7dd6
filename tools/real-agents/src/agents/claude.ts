import type { RealAgent } from "./real-agent.ts";

/** Claude Code, through its ACP adapter; speaks the Messages API. */
export const claude: RealAgent = {
  id: "claude",
  package: "@agentclientprotocol/claude-agent-acp",
  version: "0.100.0",
  bin: "claude-agent-acp",
  nativePackage: "@anthropic-ai/claude-agent-sdk-",

  async prepare({ entry, settingsDirectory, modelOrigin }) {
    return {
      command: [process.execPath, entry],
      env: {
        ANTHROPIC_BASE_URL: modelOrigin,
        ANTHROPIC_API_KEY: "unused",
        ANTHROPIC_MODEL: "scripted",
        CLAUDE_CONFIG_DIR: settingsDirectory,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
        // Set to anything, it has root asked for nothing, which the agent's program then refuses.
        IS_SANDBOX: "",
      },
    };
  },
};

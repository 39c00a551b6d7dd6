import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "smol-toml";
import type { RealAgent } from "./real-agent.ts";

/** Codex, through its ACP adapter; speaks the Responses API. */
export const codex: RealAgent = {
  id: "codex",
  package: "@agentclientprotocol/codex-acp",
  version: "2.6.0",
  bin: "codex-acp",
  nativePackage: "@openai/codex-",

  async prepare({ entry, settingsDirectory, modelOrigin }) {
    const settings = {
      model: "scripted",
      model_provider: "scripted",
      model_providers: {
        scripted: {
          name: "Scripted model",
          base_url: `${modelOrigin}/v1`,
          wire_api: "responses",
          env_key: "SCRIPTED_MODEL_KEY",
        },
      },
    };
    await writeFile(join(settingsDirectory, "config.toml"), stringify(settings));
    return {
      command: [process.execPath, entry],
      env: {
        CODEX_HOME: settingsDirectory,
        SCRIPTED_MODEL_KEY: "unused",
        NO_BROWSER: "1",
        // In this mode a person is asked. In the adapter's own default, `agent`, the model is asked whether a
        // command may run; and the mode overrides what config.toml says about approval and sandbox.
        INITIAL_AGENT_MODE: "read-only",
      },
    };
  },
};

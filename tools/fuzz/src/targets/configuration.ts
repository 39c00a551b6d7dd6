import { parseConfiguration, renderNewConfiguration } from "@clawmatrix/config";
import type { FuzzTarget } from "../target.ts";

const SOURCE = { file: "/home/ada/config.toml", homedir: "/home/ada", hostname: "box" };
const FILE = `name = "server"
labels = ["home"]
[mesh]
listen = "0.0.0.0:19000"
peers = ["wss://relay.example:19000"]
heartbeat = "10s"
[[agents]]
id = "coder"
command = ["agent", "-x"]
env = { KEY = { command = ["pass", "key"] } }
idle = "5m"
[[models]]
id = "qwen"
base_url = "http://127.0.0.1:11434/v1"
api = "openai"
[tools]
enable = ["read_file"]
[[grants]]
to = ["laptop"]
allow = ["agent:*"]
`;

/** The configuration file, as text. */
export async function configuration(): Promise<FuzzTarget> {
  const whole = await renderNewConfiguration({ name: "server" });
  return {
    seeds: [FILE, whole, ...FILE.split("\n")].map((text) => Buffer.from(text)),
    async run(input) {
      await parseConfiguration(Buffer.from(input).toString("utf8"), SOURCE);
    },
  };
}

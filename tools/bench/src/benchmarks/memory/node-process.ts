import { homedir, hostname } from "node:os";
import { resolvePaths } from "@clawmatrix/config";
import { systemClock, systemRandom } from "@clawmatrix/environment";
import { startNode } from "@clawmatrix/runtime";
import { serve } from "../../processes/serve.ts";

// One node, as `clawmatrix up` assembles it, in a process whose memory is measured. Needs --expose-gc.

serve({
  async start(home: string) {
    const paths = resolvePaths({ CLAWMATRIX_HOME: home }, process.platform, homedir());
    await startNode({
      paths,
      source: { file: paths.configFile, homedir: homedir(), hostname: hostname() },
      clock: systemClock,
      random: systemRandom,
      env: process.env,
      version: "0",
      programs: {},
    });
    return paths.socket;
  },
  /** Bytes, when what is not used any more has been collected. */
  memory() {
    if (globalThis.gc === undefined) throw new Error("the node's process needs --expose-gc");
    globalThis.gc();
    globalThis.gc();
    const { rss, heapUsed, external } = process.memoryUsage();
    return { rss, used: heapUsed + external };
  },
});

import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** V8 versions that are known to have the flag below: about one that it does not know V8 complains on standard error. */
const V8_WITH_FLAG = /^13\.6\./;

/**
 * Lets V8 weigh the memory of large buffers together with its heap. By default it collects the whole heap for every 64 MiB
 * of buffers that came together, however short they lived: a node at full speed spent a sixth of its time with that.
 */
export function weighBuffersWithHeap(): void {
  if (V8_WITH_FLAG.test(process.versions.v8))
    setFlagsFromString("--external-memory-accounted-in-global-limit");
}

/** What is known of this process, and what can be done about its memory. */
export interface ProcessMemory {
  /** Bytes resident now. */
  residentBytes(): number;
  /** The share of the time since it was asked last in which the process had something to do, from 0 to 1. */
  busyShare(): number;
  /** Collects everything that is not used, and gives what is free back to the operating system. Nothing else runs. */
  release(): void;
}

/** Of this process. */
export function thisProcess(): ProcessMemory {
  let since = performance.eventLoopUtilization();
  let collect: ((options: object) => void) | undefined;
  return {
    residentBytes: () => process.memoryUsage.rss(),
    busyShare: () => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, since);
      since = now;
      return utilization;
    },
    release: () => {
      // The only way to V8's collector that needs no flag on the command line (Node's documentation of `v8`).
      if (collect === undefined) {
        setFlagsFromString("--expose-gc");
        collect = runInNewContext("gc") as (options: object) => void;
      }
      collect({ type: "major", execution: "sync", flavor: "last-resort" });
    },
  };
}

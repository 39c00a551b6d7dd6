import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What is kept in memory, after everything that is not has been taken away. */
export function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

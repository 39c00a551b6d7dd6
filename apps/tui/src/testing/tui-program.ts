import { systemClock } from "@clawmatrix/environment";
import { openTui } from "../open-tui.ts";
import { demoMesh } from "./demo-mesh.ts";

/** The terminal UI over a mesh in memory, as a program. CRASH_AFTER_MS: something throws after so many milliseconds. */
const { stdin, stdout, stderr, env } = process;
const crashMs = Number(env.CRASH_AFTER_MS ?? 0);
if (crashMs > 0) {
  setTimeout(() => {
    throw new Error("something broke");
  }, crashMs);
}
process.exitCode = await openTui({
  connect: demoMesh().connect,
  stdin,
  stdout,
  stderr,
  clock: systemClock,
  env,
});

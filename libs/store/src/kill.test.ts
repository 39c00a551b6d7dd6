import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { VirtualClock } from "@clawmatrix/environment";
import { expect, it, onTestFinished } from "vitest";
import { temporaryDirectory } from "../test/temporary-directory.ts";
import { openStore } from "./open-store.ts";

it("a process killed in the middle of its writing leaves a sound store with all that was said to be done", async () => {
  const file = join(temporaryDirectory(), "store.sqlite");
  const script = `
    const { openStore } = await import(${JSON.stringify(import.meta.resolve("./open-store.ts"))});
    const { VirtualClock } = await import(${JSON.stringify(import.meta.resolve("@clawmatrix/environment"))});
    const { store } = openStore({ file: ${JSON.stringify(file)}, clock: new VirtualClock() });
    const write = () => {
      for (let i = 0; i < 20; i++) process.stdout.write(store.nodeFacts.increment("count") + "\\n");
      setImmediate(write);
    };
    write();`;
  const writer = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(writer, "close");
  onTestFinished(async () => {
    writer.kill("SIGKILL");
    await closed;
  });
  let said = "";
  for await (const chunk of writer.stdout) {
    said += chunk;
    if (said.length > 2_000) writer.kill("SIGKILL");
  }
  const lastSaid = Number(said.slice(0, said.lastIndexOf("\n")).split("\n").at(-1));
  const { store, damaged } = openStore({ file, clock: new VirtualClock() });
  onTestFinished(() => store.close());
  expect(damaged).toBeUndefined();
  expect(lastSaid).toBeGreaterThan(100);
  expect(Number(store.nodeFacts.getText("count"))).toBeGreaterThanOrEqual(lastSaid);
});

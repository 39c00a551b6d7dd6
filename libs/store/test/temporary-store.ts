import { join } from "node:path";
import { VirtualClock } from "@clawmatrix/environment";
import { onTestFinished } from "vitest";
import { openStore } from "../src/open-store.ts";
import type { StoredSession } from "../src/sessions.ts";
import type { Store } from "../src/store.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

export interface TemporaryStore {
  readonly file: string;
  readonly clock: VirtualClock;
  readonly store: Store;
  /** Closes the store and opens the file again, as a restart does. */
  reopen(): Store;
}

/** A store in a file of the running test's own. */
export function temporaryStore(): TemporaryStore {
  const file = join(temporaryDirectory(), "store.sqlite");
  const clock = new VirtualClock();
  let { store } = openStore({ file, clock });
  onTestFinished(() => store.close());
  return {
    file,
    clock,
    store,
    reopen() {
      store.close();
      ({ store } = openStore({ file, clock }));
      return store;
    },
  };
}

/** A session with every field set. */
export function exampleSession(change: Partial<StoredSession> = {}): StoredSession {
  return {
    id: "s1",
    agentId: "coder",
    agentSessionId: "agent-1",
    cwd: "/home/ada/src",
    title: "fix the build",
    description: "",
    ownerNode: "abcd",
    ownerClient: "client-1",
    trustClass: "local",
    state: "idle",
    modeId: undefined,
    mcpServersJson: "[]",
    configOptionsJson: "[]",
    clientCapabilitiesJson: "{}",
    metaJson: "{}",
    endReason: "",
    createdAt: 1_000,
    updatedAt: 1_000,
    closedAt: undefined,
    ...change,
  };
}

export function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

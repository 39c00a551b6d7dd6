import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import type { StoredSession } from "./index.ts";
import { FixtureHome } from "./testing/fixture-home.ts";
import { claude, uuid } from "./testing/transcript-lines.ts";

const SESSIONS = 10_000;
const PROJECTS = 100;
const PAGE = 500;
/** Two and a half KiB each; a list that held on to the messages would take more than that for them alone. */
const MOST_HEAP_BYTES = 25 * 2 ** 20;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** A home with so many sessions, the first message of each far longer than what lists show. */
function homeOfMany(): FixtureHome {
  const home = new FixtureHome();
  const tail = `${JSON.stringify(claude.agent([{ type: "text", text: "y".repeat(500) }]))}\n`;
  for (let i = 0; i < SESSIONS; i++) {
    const project = join(home.path, ".claude/projects", `-p${i % PROJECTS}`);
    if (i < PROJECTS) mkdirSync(project, { recursive: true });
    const first = claude.user(`message ${i} ${"x".repeat(3_000)}`, { cwd: `/home/ada/src/p${i % PROJECTS}` });
    writeFileSync(join(project, `${uuid(i)}.jsonl`), `${JSON.stringify(first)}\n${tail}`);
  }
  return home;
}

it("lists ten thousand sessions by page: one scan for all who ask, nobody gets the list itself, little memory", async () => {
  const home = homeOfMany();
  let scans = 0;
  const stored = home.sessions({
    programs: () => {
      scans++;
      return new Set(["claude-code"] as const);
    },
  });
  const before = heapBytes();
  const first = await Promise.all(Array.from({ length: 10 }, () => stored.page({ limit: PAGE })));
  expect(scans).toBe(1);
  // What one caller does with its page is no other's business.
  first[0]?.sessions.splice(0);
  expect(first[1]?.sessions).toHaveLength(PAGE);
  expect((await stored.page({ limit: PAGE })).sessions).toHaveLength(PAGE);
  expect(() => Object.assign(first[1]!.sessions[0]!, { title: "mine" })).toThrow(TypeError);
  const ids = new Set<string>();
  for (let after: StoredSession | undefined; ; ) {
    const { sessions } = await stored.page({ after, limit: PAGE });
    for (const { id } of sessions) ids.add(id);
    after = sessions.at(-1);
    if (after === undefined) break;
  }
  expect(ids.size).toBe(SESSIONS);
  expect(scans).toBe(1);
  expect(heapBytes() - before).toBeLessThan(MOST_HEAP_BYTES);
}, 30_000);

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connectToNode, type NodeConnection } from "@clawmatrix/client";
import type { NodePaths } from "@clawmatrix/config";
import { systemClock, systemRandom } from "@clawmatrix/environment";
import type { Benchmark, Row } from "../benchmark.ts";
import { median, middleHalf } from "../statistics.ts";
import { newHome, storeNodes } from "./memory/full-home.ts";
import { startNode } from "./memory/node-process.ts";
import { writeTranscripts } from "./memory/stored-transcripts.ts";

const PAIRS = 3;
const NODES = 1_000;
const SESSIONS = 10_000;
const CALLS = 1_000_000;
const IN_FLIGHT = 128;
const PAGE = 1_000;
/** A node looks every 10 s whether it is quiet and can give memory back: twice, and a little more. */
const QUIET_MS = 25_000;

interface State {
  readonly work: string;
  readonly goal: number;
  /** `person`: the home directory of who runs the node. */
  readonly prepare?: (paths: NodePaths, person: string) => Promise<void>;
  readonly use?: (connection: NodeConnection) => Promise<void>;
}

const STATES: readonly State[] = [
  {
    work: `${NODES.toLocaleString("en")} nodes known`,
    goal: 1.5,
    prepare: (paths) => storeNodes(paths, NODES),
    use: listNodes,
  },
  {
    work: `${SESSIONS.toLocaleString("en")} stored sessions listed`,
    goal: 1.5,
    prepare: (_paths, person) => writeTranscripts(person, SESSIONS),
    use: listSessions,
  },
  { work: `after ${CALLS.toLocaleString("en")} calls`, goal: 1.1, use: ping },
];

export const benchmark: Benchmark = {
  name: "memory",
  work: "resident memory of `clawmatrix up`, once it is quiet again, beside that of a node that idles",
  async run(report) {
    const rows: Row[] = [];
    for (const { work, goal, prepare, use } of STATES) {
      const pairs: [number, number][] = [];
      for (let pair = 0; pair < PAIRS; pair++) {
        report(`${work}, pair ${pair + 1} of ${PAIRS}`);
        pairs.push(await Promise.all([memoryOf(prepare, use), memoryOf()]));
      }
      const ratios = pairs.map(([busy, idle]) => busy / idle);
      const mebibytes = (side: 0 | 1) => (median(pairs.map((pair) => pair[side])) / 1024 ** 2).toFixed(1);
      rows.push({
        work,
        against: "idle",
        ratio: median(ratios),
        spread: middleHalf(ratios),
        goal: { atMost: goal },
        note: `${mebibytes(0)} MiB against ${mebibytes(1)}`,
      });
    }
    return rows;
  },
};

/** Bytes of a node with a home of its own, when it was used and has had the time to give back what it does not need. */
async function memoryOf(prepare?: State["prepare"], use?: State["use"]): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "clawmatrix-bench-"));
  try {
    const paths = await newHome(directory);
    const person = join(directory, "person");
    await mkdir(person);
    await prepare?.(paths, person);
    await using node = await startNode(directory, person);
    const connection = await connectToNode({
      socket: paths.socket,
      clock: systemClock,
      random: systemRandom,
    });
    await use?.(connection);
    await connection.close();
    await sleep(QUIET_MS);
    return node.residentBytes();
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function listNodes(connection: NodeConnection): Promise<void> {
  const { status } = await connection.diagnostics().getStatus({});
  const known = status?.nodes.length ?? 0;
  if (known < NODES) throw new Error(`the node knows ${known} nodes`);
}

async function listSessions(connection: NodeConnection): Promise<void> {
  let listed = 0;
  let cursor = "";
  do {
    const page = await connection.agents().listSessions({ limit: PAGE, cursor });
    listed += page.sessions.length;
    cursor = page.nextCursor;
  } while (cursor !== "");
  if (listed < SESSIONS) throw new Error(`the node lists ${listed} sessions`);
}

async function ping(connection: NodeConnection): Promise<void> {
  const diagnostics = connection.diagnostics();
  const payload = Buffer.alloc(256, 7);
  let left = CALLS;
  const one = async (): Promise<void> => {
    while (left-- > 0) await diagnostics.ping({ payload });
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, one));
}

import { join } from "node:path";
import { systemRandom } from "@clawmatrix/environment";
import type { Benchmark, Goal, Report, Row } from "../benchmark.ts";
import { NATS_MISSING, startNatsServer } from "../peers/nats-server.ts";
import { Child } from "../processes/child.ts";
import { median, middleHalf, quantile } from "../statistics.ts";
import type { Contestant, Place } from "./latency/caller.ts";

const ROUNDS = 7;
/** Calls one after the other, of one sample. */
const IDLE_CALLS = 300;
/** And several at a time. */
const IN_FLIGHT = 128;
const IN_FLIGHT_CALLS = 4_000;
/** Streams of bulk that run beside. */
const BULK_STREAMS = 10;
const BULK_CALLS = 150;

const FOLDER = join(import.meta.dirname, "latency");
const SERVER = join(FOLDER, "server.ts");

/** One way to call, and what was measured of it: one entry per round, times in milliseconds. */
interface Contender {
  readonly client: Child;
  readonly idleP50: number[];
  readonly idleP99: number[];
  /** Milliseconds per call, with many in flight. */
  readonly inFlight: number[];
  readonly bulkP99: number[];
  end(): Promise<void>;
}

type Contenders = Readonly<Record<string, Contender | undefined>>;

export const benchmark: Benchmark = {
  name: "latency",
  work: "unary call of 256 B, each node in a process of its own",
  async run(report) {
    const started: Contender[] = [];
    const open = async (contender: Promise<Contender | undefined>) => {
      const opened = await contender;
      if (opened !== undefined) started.push(opened);
      return opened;
    };
    try {
      const contenders: Contenders = {
        "ours, 1 hop": await open(overMesh(1)),
        "raw ws, 1 hop": await open(overWebSockets(1)),
        NATS: await open(overNats()),
        "js-libp2p": await open(overLibp2p()),
        "ours, 3 hops": await open(overMesh(3)),
        "raw ws, 3 hops": await open(overWebSockets(3)),
      };
      await measure(contenders, report);
      return rows(contenders);
    } finally {
      for (const contender of started) await contender.end();
    }
  },
};

interface Sample {
  readonly times: readonly number[];
  readonly took: number;
}

/** Contender after contender, over and over. The first round warms up and counts for nothing. */
async function measure(contenders: Contenders, report: Report): Promise<void> {
  for (let round = 0; round <= ROUNDS; round++) {
    report(round === 0 ? "warming up" : `round ${round} of ${ROUNDS}`);
    for (const [name, contender] of Object.entries(contenders)) {
      if (contender === undefined) continue;
      const { client } = contender;
      const idle = await client.request<Sample>("call", { calls: IDLE_CALLS, inFlight: 1 });
      const many = await client.request<Sample>("call", { calls: IN_FLIGHT_CALLS, inFlight: IN_FLIGHT });
      const bulk = name.startsWith("ours") ? await besideBulk(client) : undefined;
      if (round === 0) continue;
      contender.idleP50.push(median(idle.times));
      contender.idleP99.push(quantile(idle.times, 0.99));
      contender.inFlight.push(many.took / IN_FLIGHT_CALLS);
      if (bulk !== undefined) contender.bulkP99.push(quantile(bulk.times, 0.99));
    }
  }
}

async function besideBulk(client: Child): Promise<Sample> {
  await client.request("bulk", BULK_STREAMS);
  const sample = await client.request<Sample>("call", { calls: BULK_CALLS, inFlight: 1 });
  await client.request("bulk", 0);
  return sample;
}

function rows(contenders: Contenders): Row[] {
  const compare = (
    work: string,
    ours: string,
    theirs: string,
    figure: "idleP50" | "inFlight",
    goal?: Goal,
  ): Row => {
    const [our, their] = [contenders[ours], contenders[theirs]];
    const common = { work, against: theirs, ...(goal === undefined ? {} : { goal }) };
    if (our === undefined || their === undefined) return { ...common, ratio: undefined, note: NATS_MISSING };
    // Of what is in flight the rate is compared, so that more is better.
    const isRate = figure === "inFlight";
    const ratios = our[figure].map((time, round) => {
      const other = their[figure][round] as number;
      return isRate ? other / time : time / other;
    });
    const shown = (times: readonly number[]) =>
      isRate ? `${Math.round(1000 / median(times)).toLocaleString("en")} calls/s` : micro(times);
    return {
      ...common,
      ratio: median(ratios),
      spread: middleHalf(ratios),
      note: `${shown(our[figure])} against ${shown(their[figure])}`,
    };
  };
  const underBulk = (hops: string): Row => {
    const { bulkP99 = [], idleP99 = [], idleP50 = [] } = contenders[`ours, ${hops}`] ?? {};
    const ratios = bulkP99.map((time, round) => time / (idleP99[round] as number));
    return {
      work: `beside ${BULK_STREAMS} bulk streams, p99, ${hops}`,
      against: "its own p99 when idle",
      ratio: median(ratios),
      spread: middleHalf(ratios),
      goal: { atMost: 5 },
      note: `${micro(bulkP99)} against ${micro(idleP99)}; idle p50 ${micro(idleP50)}`,
    };
  };
  return [
    compare("idle, p50, 1 hop", "ours, 1 hop", "raw ws, 1 hop", "idleP50", { atMost: 2.5 }),
    compare("idle, p50, 1 hop", "ours, 1 hop", "NATS", "idleP50", { atMost: 0.7 }),
    compare("idle, p50, 1 hop", "ours, 1 hop", "js-libp2p", "idleP50", { atMost: 0.7 }),
    compare("idle, p50, 3 hops", "ours, 3 hops", "raw ws, 3 hops", "idleP50", { atMost: 2.5 }),
    compare(`${IN_FLIGHT} in flight, 1 hop`, "ours, 1 hop", "js-libp2p", "inFlight", { atLeast: 3 }),
    compare(`${IN_FLIGHT} in flight, 1 hop`, "ours, 1 hop", "NATS", "inFlight"),
    compare(`${IN_FLIGHT} in flight, 1 hop`, "ours, 1 hop", "raw ws, 1 hop", "inFlight"),
    compare(`${IN_FLIGHT} in flight, 3 hops`, "ours, 3 hops", "raw ws, 3 hops", "inFlight"),
    underBulk("1 hop"),
    underBulk("3 hops"),
  ];
}

function micro(times: readonly number[]): string {
  return `${Math.round(1000 * median(times)).toLocaleString("en")} µs`;
}

/** A chain of nodes: who answers listens, or dials the last of the relays; who calls dials the first. */
async function overMesh(hops: 1 | 3): Promise<Contender> {
  const secret = systemRandom.bytes(32);
  const processes: Child[] = [];
  const begin = (handler: string, address: string): Promise<Place> => {
    const child = Child.start(SERVER);
    processes.push(child);
    return child.request<Place>(handler, { address, secret });
  };
  if (hops === 1) return connected("mesh", await begin("mesh", ""), processes);
  const middle = await begin("meshRelay", "");
  const first = await begin("meshRelay", middle.address);
  const { target } = await begin("mesh", middle.address);
  return connected("mesh", { ...first, ...(target === undefined ? {} : { target }) }, processes);
}

async function overWebSockets(hops: 1 | 3): Promise<Contender> {
  const processes = [Child.start(SERVER)];
  let place = await (processes[0] as Child).request<Place>("websocket");
  for (let relays = 1; relays < hops; relays++) {
    const relay = Child.start(SERVER);
    processes.push(relay);
    place = await relay.request<Place>("webSocketRelay", place);
  }
  return connected("websocket", place, processes);
}

async function overNats(): Promise<Contender | undefined> {
  const server = await startNatsServer({ tls: false });
  if (server === undefined) return undefined;
  const echo = Child.start(SERVER);
  const place = await echo.request<Place>("nats", { address: `127.0.0.1:${server.port}` });
  return connected("nats", place, [echo], () => server.end());
}

async function overLibp2p(): Promise<Contender> {
  const echo = Child.start(SERVER);
  return connected("libp2p", await echo.request<Place>("libp2p"), [echo]);
}

async function connected(
  contestant: Contestant,
  place: Place,
  processes: readonly Child[],
  endServer?: () => Promise<void>,
): Promise<Contender> {
  const client = Child.start(join(FOLDER, "client.ts"));
  await client.request("connect", { contestant, place });
  return {
    client,
    idleP50: [],
    idleP99: [],
    inFlight: [],
    bulkP99: [],
    async end() {
      for (const child of [client, ...processes]) await child.end();
      await endServer?.();
    },
  };
}

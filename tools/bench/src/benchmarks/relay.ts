import { join } from "node:path";
import { systemRandom } from "@clawmatrix/environment";
import type { Benchmark, Goal, Report, Row } from "../benchmark.ts";
import { NATS_MISSING, startNatsServer } from "../peers/nats-server.ts";
import { Child } from "../processes/child.ts";
import { median, middleHalf } from "../statistics.ts";
import type { Contestant, Load, RelayPlace } from "./relay/passage.ts";

const PAIRS = 7;

/** Frames of each size, and how many make a sample of about half a second. */
const SIZES = [
  { name: "128 B", bytes: 128, frames: 500_000 },
  { name: "1 KiB", bytes: 1024, frames: 120_000 },
  { name: "16 KiB", bytes: 16 * 1024, frames: 8_000 },
] as const;
type Size = (typeof SIZES)[number]["name"];

const FOLDER = join(import.meta.dirname, "relay");

/** Goals by opponent and size: at least so many times its frames a second. */
const GOALS: Readonly<Record<string, Partial<Record<Size, Goal>>>> = {
  "nats-server": { "128 B": { atLeast: 1 }, "1 KiB": { atLeast: 1 } },
  "nats-server, TLS": { "16 KiB": { atLeast: 1 } },
  "raw ws relay": { "128 B": { atLeast: 1.5 } },
  "JSON relay over ws": { "128 B": { atLeast: 5 } },
};

/** One way through a relay: three processes, with one that is not ours where the relay is a server. */
interface Contender {
  readonly name: string;
  readonly source: Child;
  readonly destination: Child;
  /** The destination's name for the source, where it has one. */
  readonly to: string | undefined;
  end(): Promise<void>;
}

type Rates = Map<string, Record<Size, number[]>>;

const OURS = "ours";
const TYPED = "typed stream";

export const benchmark: Benchmark = {
  name: "relay",
  work: "node → relay → node, each in a process of its own: frames of one call through a channel (RawCall)",
  async run(report) {
    const contenders: Contender[] = [];
    try {
      contenders.push(
        await onMesh(OURS, "frames"),
        ...(await onNats("nats-server", false)),
        ...(await onNats("nats-server, TLS", true)),
        await onWebSockets("raw ws relay", "websocket"),
        await onWebSockets("JSON relay over ws", "json"),
        await onMesh(TYPED, "stream"),
      );
      const rates = await measure(contenders, report);
      return Object.keys(GOALS).flatMap((against) => SIZES.map(({ name }) => row(name, against, rates)));
    } finally {
      for (const contender of contenders) await contender.end();
    }
  },
};

/** Size after size, contender after contender, over and over. The first round warms up and counts for nothing. */
async function measure(contenders: readonly Contender[], report: Report): Promise<Rates> {
  const rates: Rates = new Map();
  for (const { name } of contenders) rates.set(name, { "128 B": [], "1 KiB": [], "16 KiB": [] });
  for (let pair = 0; pair <= PAIRS; pair++) {
    report(pair === 0 ? "warming up" : `round ${pair} of ${PAIRS}`);
    for (const { name: size, bytes, frames } of SIZES) {
      for (const contender of contenders) {
        const rate = await carry(contender, { frames, bytes });
        if (pair > 0) rates.get(contender.name)?.[size].push(rate);
      }
    }
  }
  return rates;
}

/** Frames a second. */
async function carry({ source, destination, to }: Contender, load: Load): Promise<number> {
  await destination.request("expect", load);
  const start = performance.now();
  const arrived = destination.request("arrived");
  await Promise.all([source.request("send", { load, to }), arrived]);
  return (1000 * load.frames) / (performance.now() - start);
}

function row(size: Size, against: string, rates: Rates): Row {
  const work = `frames of ${size}`;
  const goal = GOALS[against]?.[size];
  const ours = rates.get(OURS)?.[size] ?? [];
  const theirs = rates.get(against)?.[size];
  const common = { work, against, ...(goal === undefined ? {} : { goal }) };
  if (theirs === undefined) return { ...common, ratio: undefined, note: NATS_MISSING };
  const ratios = ours.map((rate, pair) => rate / (theirs[pair] as number));
  const typed = against === "nats-server" ? `; ${TYPED} ${perSecond(rates.get(TYPED)?.[size] ?? [])}` : "";
  return {
    ...common,
    ratio: median(ratios),
    spread: middleHalf(ratios),
    note: `${perSecond(ours)} frames a second against ${perSecond(theirs)}${typed}`,
  };
}

function perSecond(rates: readonly number[]): string {
  return Math.round(median(rates)).toLocaleString("en");
}

async function onMesh(name: string, contestant: Contestant): Promise<Contender> {
  const secret = systemRandom.bytes(32);
  const relay = Child.start(join(FOLDER, "relay-process.ts"));
  const port = await relay.request<number>("mesh", secret);
  return connected(name, contestant, { port, secret }, () => relay.end());
}

async function onWebSockets(name: string, contestant: "websocket" | "json"): Promise<Contender> {
  const relay = Child.start(join(FOLDER, "relay-process.ts"));
  const port = await relay.request<number>(contestant);
  return connected(name, contestant, { port }, () => relay.end());
}

async function onNats(name: string, tls: boolean): Promise<Contender[]> {
  const server = await startNatsServer({ tls });
  if (server === undefined) return [];
  const { port, certificateFile } = server;
  return [await connected(name, "nats", { port, certificateFile }, () => server.end())];
}

async function connected(
  name: string,
  contestant: Contestant,
  place: RelayPlace,
  endRelay: () => Promise<void>,
): Promise<Contender> {
  const end = join(FOLDER, "end-process.ts");
  const [source, destination] = [Child.start(end), Child.start(end)];
  const id = await source.request<string | undefined>("source", { contestant, place });
  const to = await destination.request<string | undefined>("destination", {
    contestant,
    place: { ...place, source: id },
  });
  return {
    name,
    source,
    destination,
    to,
    async end() {
      await Promise.all([source.end(), destination.end()]);
      await endRelay();
    },
  };
}

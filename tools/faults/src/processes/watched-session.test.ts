import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { AttachedTerminal } from "./attached-terminal.ts";
import type { NodeProcess } from "./node-process.ts";
import { RelayedMesh } from "./relayed-mesh.ts";
import { StreamedTurn } from "./streamed-turn.ts";

const SETUP_MS = 60_000;
const SOON_MS = 20_000;
/** Dialling again waits up to some seconds after the first failures. */
const REDIAL_MS = 40_000;

let mesh: RelayedMesh;
const endings: (() => void)[] = [];

beforeAll(async () => {
  mesh = await RelayedMesh.start({ relays: ["one", "two"] });
}, SETUP_MS);

afterEach(() => {
  for (const end of endings.splice(0)) end();
});

afterAll(() => mesh?.end());

function attach(node: NodeProcess, session: string): AttachedTerminal {
  const terminal = new AttachedTerminal(node, session);
  endings.push(() => terminal.end());
  return terminal;
}

function startTurn(session: string, pieces: number): StreamedTurn {
  const turn = new StreamedTurn(mesh.laptop, session, pieces);
  endings.push(() => turn.end());
  return turn;
}

describe("a session watched from two terminals on two nodes", { timeout: 120_000 }, () => {
  it("is shown by both, whole and once, though a relay is killed and then the node of the session", async () => {
    const session = await mesh.openSession("fast");
    const carrier = await mesh.carrier();
    const other = mesh.relays.find((relay) => relay !== carrier)!;
    const terminals = [attach(mesh.laptop, session), attach(other, session)];
    const both = (type: string, count: number, ms = SOON_MS) =>
      Promise.all(terminals.map((terminal) => terminal.shows(type, count, ms)));
    await both("end", 1);

    const first = startTurn(session, 150);
    await both("update", 50);
    await carrier.kill();
    await first.result(SOON_MS);
    expect(first.fault).toBeUndefined();
    await both("end", 2);

    startTurn(session, 100_000);
    await both("update", 250);
    await mesh.server.kill();
    await mesh.server.start();
    await both("closed", 1, REDIAL_MS);

    await mesh.laptop.sees("server", "with its agent", ({ agents }) => agents.length > 0, REDIAL_MS);
    const last = startTurn(session, 10);
    await last.result(SOON_MS);
    expect(last.fault).toBeUndefined();
    await both("end", 3);

    // What there is to be seen, by one who comes when all is over.
    const late = attach(mesh.laptop, session);
    await late.shows("end", 3, SOON_MS);
    for (const { events } of terminals) expect(events).toEqual(late.events);
    const numbers = late.events.map(({ seq = 0 }) => seq);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });
});

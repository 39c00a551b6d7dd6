import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { RelayedMesh } from "./relayed-mesh.ts";
import { StreamedTurn } from "./streamed-turn.ts";

const SETUP_MS = 60_000;
/** A dead process closes its sockets at once: the way around it is found in a moment. */
const SOON_MS = 15_000;
/** A silent one is noticed after three heartbeats of a second; the rest is for a busy machine. */
const SILENCE_MS = 20_000;
/** Dialling again waits up to some seconds after the first failures. */
const REDIAL_MS = 40_000;

let mesh: RelayedMesh;
const turns: StreamedTurn[] = [];

beforeAll(async () => {
  mesh = await RelayedMesh.start({ relays: ["one", "two", "three", "four"] });
}, SETUP_MS);

afterEach(() => {
  for (const turn of turns.splice(0)) turn.end();
});

afterAll(() => mesh?.end());

async function startTurn(pieces: number, pace: "fast" | "instant" = "fast"): Promise<StreamedTurn> {
  const turn = new StreamedTurn(mesh.laptop, await mesh.openSession(pace), pieces);
  turns.push(turn);
  return turn;
}

describe("a stream over a relay arrives once and in order", { timeout: 90_000 }, () => {
  it("where the relay is killed while it carries as much as it can", async () => {
    const turn = await startTurn(20_000, "instant");
    await turn.received(3_000, SOON_MS);
    await (await mesh.carrier()).kill();
    await turn.result(SOON_MS);
    expect(turn.fault).toBeUndefined();
  });

  it("where the relay stays open and says nothing: after three heartbeats it goes another way", async () => {
    const turn = await startTurn(700);
    await turn.received(50, SOON_MS);
    const carrier = await mesh.carrier();
    carrier.signal("SIGSTOP");
    await mesh.server.sees("laptop", "another way", ({ viaName }) => viaName !== carrier.name, SILENCE_MS);
    await turn.received(turn.count + 100, SOON_MS);
    carrier.signal("SIGCONT");
    await mesh.linked(carrier, REDIAL_MS);
    await turn.result(SOON_MS);
    expect(turn.fault).toBeUndefined();
  });

  it("while the relays are killed one after the other, and waits for one to come back when none is left", async () => {
    const turn = await startTurn(1_000);
    await turn.received(50, SOON_MS);
    let last = await mesh.carrier();
    await last.kill();
    await turn.received(turn.count + 50, SOON_MS);
    last = await mesh.carrier();
    await last.kill();
    await turn.received(turn.count + 50, SOON_MS);
    // For a moment no way may be known, until the relays that are left have told each other.
    const said = turn.notes.length;
    last = await mesh.carrier();
    await last.kill();
    await turn.noted("server cannot be reached at the moment; reconnecting", SOON_MS, said);
    await last.start();
    await turn.noted("server can be reached again", REDIAL_MS, said);
    await turn.result(REDIAL_MS);
    expect(turn.fault).toBeUndefined();
  });
});

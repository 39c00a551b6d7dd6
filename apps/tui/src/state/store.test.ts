import { VirtualClock } from "@clawmatrix/environment";
import { expect, it } from "vitest";
import { FRAME_MS, Store } from "./store.ts";

it("draws thousands of updates as one picture per frame", () => {
  const clock = new VirtualClock();
  const store = new Store(0, { clock });
  const drawn: number[] = [];
  store.subscribe(() => drawn.push(store.published()));
  for (let update = 0; update < 5_000; update++) {
    store.update((count) => count + 1);
    clock.advance(0.2);
  }
  clock.advance(FRAME_MS);
  expect(drawn.at(-1)).toBe(5_000);
  // The first one at once, the last one after the second.
  expect(drawn.length).toBeLessThanOrEqual(1_000 / FRAME_MS + 2);
});

it("draws at once what a person did, with everything before it", () => {
  const clock = new VirtualClock();
  const store = new Store("", { clock });
  const drawn: string[] = [];
  store.subscribe(() => drawn.push(store.published()));
  store.update(() => "from the mesh");
  store.update((text) => `${text}, typed`);
  store.publish();
  clock.advance(FRAME_MS);
  expect(drawn).toEqual(["from the mesh, typed"]);
});

it("draws nothing after it was closed", () => {
  const clock = new VirtualClock();
  const store = new Store(0, { clock });
  let drawn = 0;
  store.subscribe(() => drawn++);
  store.update(() => 1);
  store.close();
  clock.advance(FRAME_MS);
  expect(drawn).toBe(0);
});

import { VirtualClock } from "@clawmatrix/environment";
import { expect, test } from "vitest";
import { ChannelWatch } from "./channel-watch.ts";

test("a channel is idle at the moment that was set for it, however fractions of milliseconds round", () => {
  // (begins + 60,000) - begins is less than 60,000 in floating point.
  const begins = 6_191.05471648087;
  const clock = new VirtualClock();
  clock.advance(begins);
  let ended = 0;
  let looks = 0;
  const watch = new ChannelWatch({
    clock,
    limits: { silenceMs: 90_000, idleMs: 60_000 },
    isWaiting: () => {
      if (++looks > 10) throw new Error("it looks again and again");
      return false;
    },
    probe: () => undefined,
    onSilent: () => undefined,
    onIdle: () => ended++,
  });
  watch.start();
  clock.advance(60_001);
  expect(ended).toBe(1);
});

import { seededRandom, VirtualClock } from "@clawmatrix/environment";
import { Identity } from "@clawmatrix/identity";
import { CloseCode } from "@clawmatrix/protocol";
import { expect, it } from "vitest";
import { type DialAttempt, Dialer } from "./dialer.ts";

/** Longer than the slowest back-off, in ms. */
const LONG_MS = 6 * 60_000;
const CODES = Object.entries(CloseCode).filter(([, code]) => code !== CloseCode.UNSPECIFIED);

function startDialer(hasLink: boolean) {
  const clock = new VirtualClock();
  const attempts: DialAttempt[] = [];
  const dialer = new Dialer({
    address: "ws://relay.example",
    clock,
    random: seededRandom(1),
    connect: (_address, attempt) => {
      attempts.push(attempt);
      return () => undefined;
    },
    hasLink: () => hasLink,
  });
  dialer.start();
  return { clock, attempts, dialer };
}

const { nodeId } = Identity.generate(seededRandom(2));

it.each(CODES)("whatever the other side says, it is dialled again: %s", (_name, code) => {
  const { clock, attempts, dialer } = startDialer(false);
  for (let times = 1; times <= 3; times++) {
    expect(attempts).toHaveLength(times);
    attempts[times - 1]?.ended(code, "said by the other side", nodeId);
    clock.advance(LONG_MS);
  }
  expect(attempts).toHaveLength(4);
  dialer.stop();
});

it("a node with which there is another link is dialled again when that has gone", () => {
  const { clock, attempts, dialer } = startDialer(true);
  attempts[0]?.ended(CloseCode.DUPLICATE, "there is another link", nodeId);
  clock.advance(LONG_MS);
  expect(attempts).toHaveLength(1);
  expect(dialer.state.state).toBe("linked-otherwise");
  dialer.linkGone(nodeId);
  clock.advance(LONG_MS);
  expect(attempts).toHaveLength(2);
  dialer.stop();
});

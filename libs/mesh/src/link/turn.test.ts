import { expect, it } from "vitest";
import { EventLoopTurn } from "./turn.ts";

it("what is asked for at the end of a turn follows in the same turn, and what that asks for in the next one", async () => {
  const turn = new EventLoopTurn();
  const order: string[] = [];
  const ended = new Promise<void>((resolve) => {
    turn.soon(() => {
      order.push("pack");
      turn.soon(() => {
        order.push("send");
        turn.soon(() => {
          order.push("again");
          resolve();
        });
      });
    });
  });
  turn.soon(() => order.push("pack another"));
  setImmediate(() => order.push("the turn is over"));
  await ended;
  expect(order).toEqual(["pack", "pack another", "send", "the turn is over", "again"]);
});

import { describe, expect, it } from "vitest";
import { RequestStream } from "./request-stream.ts";

describe("the requests of a call", () => {
  it("come out in order, those pushed before and while they are read, until they are ended", async () => {
    const stream = new RequestStream<number>();
    stream.push(1);
    const read: number[] = [];
    const reading = (async () => {
      for await (const request of stream) {
        read.push(request);
        if (request < 4) stream.push(request + 3);
        else stream.end();
      }
    })();
    stream.push(2);
    await reading;
    expect(read).toEqual([1, 2, 4, 5]);
  });

  it("are dropped after the end", async () => {
    const stream = new RequestStream<number>();
    stream.end();
    stream.push(1);
    expect(await stream[Symbol.asyncIterator]().next()).toEqual({ value: undefined, done: true });
  });

  it("wake a reader that waits for the end", async () => {
    const stream = new RequestStream<number>();
    const next = stream[Symbol.asyncIterator]().next();
    stream.end();
    expect((await next).done).toBe(true);
  });
});

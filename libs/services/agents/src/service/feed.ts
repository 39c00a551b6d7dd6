import { BoundedQueue } from "@clawmatrix/bounded";
import { Wakeup } from "../sessions/change-signal.ts";

/** What is said while something is being done: nobody reads more than the latest of it. */
const MAX_UNREAD = 100;

/**
 * What `work` says, while it goes on; ends or fails as it does. Whoever stops reading does not stop the work: it is told
 * by its own signal.
 */
export async function* saidBy<T>(work: (say: (item: T) => void) => Promise<void>): AsyncGenerator<T, void> {
  const unread = new BoundedQueue<T>({ entries: MAX_UNREAD, bytes: MAX_UNREAD });
  const wakeup = new Wakeup();
  let over = false;
  const say = (item: T): void => {
    unread.pushDroppingOldest(item, 1, () => undefined);
    wakeup.wake();
  };
  const finished = work(say).finally(() => {
    over = true;
    wakeup.wake();
  });
  // It is awaited below, unless the reader leaves before; then nobody is left to hear of a failure.
  finished.catch(() => undefined);
  for (;;) {
    for (let item = unread.shift(); item !== undefined; item = unread.shift()) yield item;
    if (over && unread.size === 0) break;
    await wakeup.wait();
  }
  await finished;
}

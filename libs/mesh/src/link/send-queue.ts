import { BoundedQueue } from "@clawmatrix/bounded";
import type { BatchBuffers } from "../packet/batch-buffers.ts";
import { ENTRY_BYTES } from "../packet/limits.ts";
import { OutgoingBatch } from "../packet/outgoing-batch.ts";

export interface SendQueueOptions {
  readonly buffers: BatchBuffers;
  /** Told how many packets were dropped to make room, or found none. */
  readonly onDropped: (packets: number) => void;
}

/** Bytes waiting for one link, of each priority: at 10 MB/s less than half a second. */
const MAX_QUEUED_BYTES = 4 * 1024 * 1024;
/** Batches waiting, of each priority: none is less than half full but the last, so the bytes are the closer bound. */
const MAX_QUEUED_BATCHES = 256;

/**
 * Packets that wait for a link, already in the batches in which they will leave: interactive before bulk. At the
 * bound a bulk packet is refused; an interactive one first takes the place of the oldest batch of bulk.
 */
export class SendQueue {
  readonly #options: SendQueueOptions;
  readonly #interactive = new BoundedQueue<OutgoingBatch>({ entries: MAX_QUEUED_BATCHES, bytes: Infinity });
  readonly #bulk = new BoundedQueue<OutgoingBatch>({ entries: MAX_QUEUED_BATCHES, bytes: Infinity });
  /** The batch of each priority that still takes packets: the last one of its queue. */
  #openInteractive: OutgoingBatch | undefined;
  #openBulk: OutgoingBatch | undefined;
  #bytes = 0;

  constructor(options: SendQueueOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#interactive.size === 0 && this.#bulk.size === 0;
  }

  /** On the wire. */
  get bytes(): number {
    return this.#bytes;
  }

  /** There is a batch that takes no more, so that nothing is won by waiting. */
  get hasFullBatch(): boolean {
    return this.#interactive.size > 1 || this.#bulk.size > 1;
  }

  get hasInteractive(): boolean {
    return this.#interactive.size > 0;
  }

  /** The batch in which the caller writes a packet at `entryAt` and `outerAt`; undefined: no room, it is dropped. */
  reserve(inner: number, outer: number, bulk: boolean): OutgoingBatch | undefined {
    const added = ENTRY_BYTES + inner + outer;
    while (this.#bytes + added > MAX_QUEUED_BYTES) {
      if (bulk || !this.#dropOldestBulk()) {
        this.#options.onDropped(1);
        return undefined;
      }
    }
    let batch = bulk ? this.#openBulk : this.#openInteractive;
    if (batch === undefined || !batch.hasRoom(inner, outer)) {
      const queue = bulk ? this.#bulk : this.#interactive;
      if (!queue.hasRoom(0)) {
        this.#options.onDropped(1);
        return undefined;
      }
      batch = new OutgoingBatch(this.#options.buffers, inner, outer);
      queue.push(batch, 0);
      if (bulk) this.#openBulk = batch;
      else this.#openInteractive = batch;
    }
    const before = batch.packets === 0 ? 0 : batch.bytes;
    batch.add(inner, outer);
    this.#bytes += batch.bytes - before;
    return batch;
  }

  /** Takes out the batch that leaves next; the caller releases it. */
  shift(): OutgoingBatch | undefined {
    const batch = this.#interactive.shift() ?? this.#bulk.shift();
    if (batch !== undefined) this.#taken(batch);
    return batch;
  }

  /** Drops everything. */
  clear(): void {
    for (let batch = this.shift(); batch !== undefined; batch = this.shift()) {
      this.#options.onDropped(batch.packets);
      batch.release();
    }
  }

  #dropOldestBulk(): boolean {
    const batch = this.#bulk.shift();
    if (batch === undefined) return false;
    this.#taken(batch);
    this.#options.onDropped(batch.packets);
    batch.release();
    return true;
  }

  #taken(batch: OutgoingBatch): void {
    this.#bytes -= batch.bytes;
    if (batch === this.#openInteractive) this.#openInteractive = undefined;
    if (batch === this.#openBulk) this.#openBulk = undefined;
  }
}

import type { Clock, Timer } from "@clawmatrix/environment";
import type { NodeId } from "@clawmatrix/identity";
import { MembershipPush, RecordPush, SignedEntry } from "@clawmatrix/protocol";
import type { Link } from "../link/link.ts";
import type { MembershipView } from "../membership-view.ts";
import type { RecordStore } from "./record-store.ts";

export interface PushQueueOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly membership: MembershipView;
  readonly records: RecordStore;
}

/** How long news wait for further ones after a quiet time, in ms: a change crosses a mesh of ten hops in some 20 ms. */
const DELAY_MS = 2;
/**
 * How long news wait after a push, in ms for each record in it; meanwhile the neighbour may show that it has them
 * already. Where one node has changed this is next to nothing. Where all change, as when a large mesh starts, a link
 * carries few pushes of many records, each in its latest version.
 */
const PAUSE_MS_PER_RECORD = 10;
const LONGEST_PAUSE_MS = 250;
/** Where a frame of pushed items is full, in bytes: what is encoded in one piece. A single item may be longer. */
const PUSH_BYTES = 7 * 1024;
/** Bytes that wait for the neighbour beyond which pushing waits too, and the time until it is tried again, in ms. */
const MAX_WAITING_BYTES = 1024 * 1024;
const RETRY_MS = 250;

/**
 * What one neighbour has to be told: names of records and entries, not their bytes, so that it is bounded by what is
 * known, and a record that changes twice before it leaves is sent once. Entries of membership go first: without
 * them the neighbour would not take the records.
 */
export class PushQueue {
  readonly #options: PushQueueOptions;
  readonly #records = new Set<NodeId>();
  readonly #entries = new Set<string>();
  #timer: Timer | undefined;
  #due = 0;
  /** When records are pushed next at the earliest, in monotonic ms. */
  #restsUntil = 0;

  constructor(options: PushQueueOptions) {
    this.#options = options;
  }

  addRecord(node: NodeId): void {
    this.#records.add(node);
    this.#sendIn(Math.max(DELAY_MS, this.#restsUntil - this.#options.clock.monotonic()));
  }

  addEntry(id: string): void {
    this.#entries.add(id);
    this.#sendIn(DELAY_MS);
  }

  /** The neighbour has this, or a later, version itself. */
  hasRecord(node: NodeId, version: bigint): void {
    const known = this.#options.records.get(node);
    if (known !== undefined && known.version <= version) this.#records.delete(node);
  }

  hasEntry(id: string): void {
    this.#entries.delete(id);
  }

  /** Sends what waits at once: the link is about to end. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#send();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #sendIn(delayMs: number): void {
    const { clock } = this.#options;
    const due = clock.monotonic() + delayMs;
    if (this.#timer !== undefined && this.#due <= due) return;
    this.#timer?.cancel();
    this.#due = due;
    this.#timer = clock.schedule(delayMs, () => {
      this.#timer = undefined;
      this.#send();
    });
  }

  #send(): void {
    const { link, membership, records, clock } = this.#options;
    let sent = 0;
    while (this.#entries.size + this.#records.size > 0) {
      if (link.isOver) return;
      if (link.queuedBytes > MAX_WAITING_BYTES) {
        this.#sendIn(RETRY_MS);
        return;
      }
      const entries = take(this.#entries, (id) => membership.get(id));
      if (entries.length > 0) {
        link.sendFrame(MembershipPush, { entries: entries.map(({ bytes }) => SignedEntry.decode(bytes)) });
        continue;
      }
      const pushed = take(this.#records, (node) => records.get(node));
      if (pushed.length > 0) {
        link.sendFrame(RecordPush, { records: pushed.map(({ signed }) => signed) });
        sent += pushed.length;
        this.#restsUntil = clock.monotonic() + Math.min(LONGEST_PAUSE_MS, sent * PAUSE_MS_PER_RECORD);
      }
    }
  }
}

/** Takes out as many names as one frame has room for, and returns what they stand for. */
function take<Name, Item extends { readonly bytes: Uint8Array }>(
  names: Set<Name>,
  itemOf: (name: Name) => Item | undefined,
): Item[] {
  const taken: Item[] = [];
  let size = 0;
  for (const name of names) {
    const item = itemOf(name);
    if (item !== undefined && taken.length > 0 && size + item.bytes.length > PUSH_BYTES) break;
    names.delete(name);
    if (item === undefined) continue;
    taken.push(item);
    size += item.bytes.length;
  }
  return taken;
}

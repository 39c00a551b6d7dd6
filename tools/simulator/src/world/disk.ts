import type { NodeId } from "@clawmatrix/identity";
import type { KeptEntry, KeptRecord } from "@clawmatrix/mesh";
import type { CallKey, ExecutedCall, ExecutedCallStore } from "@clawmatrix/rpc";

/** Thrown where the process would have ended: nothing behind it has any effect. */
export class CrashedWhileStoring extends Error {
  constructor() {
    super("the simulated process has ended");
  }
}

/** What outlives a crash of a node. What is written is there when the write returns. */
export class Disk implements ExecutedCallStore {
  readonly #founding: readonly Uint8Array[];
  readonly #entries = new Map<string, Uint8Array>();
  readonly #records = new Map<NodeId, KeptRecord>();
  readonly #calls = new Map<string, ExecutedCall>();
  #crash: { readonly when: "before-storing" | "after-storing"; readonly crash: () => void } | undefined;

  /** `founding`: the entries that the node was given when it came to be. */
  constructor(founding: readonly Uint8Array[]) {
    this.#founding = founding;
  }

  /** The next write is the last thing that the process does, or tries to do. */
  crashAtNextWrite(when: "before-storing" | "after-storing", crash: () => void): void {
    this.#crash = { when, crash };
  }

  /** Nothing happens at the next write after all. */
  disarm(): void {
    this.#crash = undefined;
  }

  /** A process has begun anew: what was being executed has been interrupted. */
  reopen(): void {
    this.disarm();
    for (const [key, { state }] of this.#calls) {
      if (state === "running") this.#calls.set(key, { state: "interrupted" });
    }
  }

  /** As if it had never kept what was executed. */
  forgetCalls(): void {
    this.#calls.clear();
  }

  get entries(): Iterable<Uint8Array> {
    return [...this.#founding, ...this.#entries.values()];
  }

  get records(): Iterable<Uint8Array> {
    return Array.from(this.#records.values(), ({ bytes }) => bytes);
  }

  readonly keepEntry = ({ id, bytes }: KeptEntry): void => {
    this.#write(() => this.#entries.set(id, bytes));
  };

  readonly keepRecord = (record: KeptRecord): void => {
    this.#write(() => this.#records.set(record.nodeId, record));
  };

  readonly forgetRecord = (node: NodeId): void => {
    this.#write(() => this.#records.delete(node));
  };

  begin(key: CallKey, _expiresAt: number): ExecutedCall | undefined {
    const name = nameOf(key);
    const known = this.#calls.get(name);
    if (known === undefined) this.#write(() => this.#calls.set(name, { state: "running" }));
    return known;
  }

  finish(key: CallKey, result: Uint8Array, _expiresAt: number): void {
    this.#write(() => this.#calls.set(nameOf(key), { state: "finished", result: Uint8Array.from(result) }));
  }

  #write(write: () => void): void {
    const { when, crash } = this.#crash ?? {};
    this.#crash = undefined;
    if (when !== "before-storing") write();
    if (crash === undefined) return;
    crash();
    throw new CrashedWhileStoring();
  }
}

function nameOf({ source, callId }: CallKey): string {
  return Buffer.concat([source, callId]).toString("latin1");
}

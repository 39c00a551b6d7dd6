import type { Clock, Timer } from "@clawmatrix/environment";
import { type ProcessMemory, thisProcess } from "./process-memory.ts";

export interface MemoryReturnOptions {
  readonly clock: Clock;
  /** Default: this process. */
  readonly memory?: ProcessMemory;
}

/** How often the node looks whether it is quiet, in milliseconds. */
const LOOK_MS = 10_000;
/** A node that has had less to do than this keeps nobody waiting while it collects, which takes it 30 to 150 ms. */
const QUIET_SHARE = 0.02;
/** It is done again only once so many bytes have come together since. */
const WORTH_BYTES = 8 * 1024 * 1024;

/**
 * Gives memory back once the node is quiet after work. V8 keeps the space that a burst of short-lived objects needed
 * (twice as much as all of an idle node) and collects it only under pressure, which a machine full of other programs
 * feels before V8 does.
 */
export class MemoryReturn {
  readonly #clock: Clock;
  readonly #memory: ProcessMemory;
  #timer: Timer | undefined;
  /** What was resident when it was done last. */
  #floorBytes = 0;

  constructor({ clock, memory = thisProcess() }: MemoryReturnOptions) {
    this.#clock = clock;
    this.#memory = memory;
  }

  start(): void {
    this.#memory.busyShare();
    this.#timer = this.#clock.schedule(LOOK_MS, () => this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #look(): void {
    const { residentBytes, busyShare, release } = this.#memory;
    const isQuiet = busyShare() < QUIET_SHARE;
    if (isQuiet && residentBytes() >= this.#floorBytes + WORTH_BYTES) {
      release();
      this.#floorBytes = residentBytes();
    }
    this.#timer = this.#clock.schedule(LOOK_MS, () => this.#look());
  }
}

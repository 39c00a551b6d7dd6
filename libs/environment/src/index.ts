export type { Clock, Timer, TimerOptions } from "./clock.ts";
export { systemClock } from "./clock.ts";
export type { LifeCycle } from "./life-cycle.ts";
export type { LogFields, Logger } from "./logger.ts";
export { silentLogger } from "./logger.ts";
export type { Random } from "./random.ts";
export { seededRandom, systemRandom } from "./random.ts";
export type { VirtualClockOptions } from "./virtual-clock.ts";
export { VirtualClock } from "./virtual-clock.ts";

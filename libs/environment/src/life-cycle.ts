/** What a node is made of: each part is started once and stopped once. */
export interface LifeCycle {
  /** Begins its work. Rejects, leaving nothing behind, when it cannot. */
  start(): Promise<void>;
  /** Ends its work and resolves when nothing of it is left: no timer, socket, child process or open file. */
  stop(): Promise<void>;
}

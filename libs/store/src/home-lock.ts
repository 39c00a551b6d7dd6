/** Held while a node runs in its home. */
export interface HomeLock {
  release(): void;
}

/**
 * Takes the lock of a home. It is held by the operating system for this process, so it is gone when the process is,
 * however it ends.
 * @throws StatusError `already-exists`, naming the process id, if another node runs in this home.
 */
export function acquireHomeLock(_lockFile: string): HomeLock {
  throw new Error("the store is being written");
}

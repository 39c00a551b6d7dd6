/** `promise`, or an Error that says what did not come within `ms`, with what `seen` tells of it. */
export function within<T>(ms: number, what: string, promise: Promise<T>, seen = () => ""): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms. ${seen()}`)), ms);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

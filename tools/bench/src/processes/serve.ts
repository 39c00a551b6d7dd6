interface Request {
  readonly id: number;
  readonly handler: string;
  readonly value: unknown;
}

/** Answers what `Child.request` asks, until the process that started this one lets go of it. */
export function serve(handlers: Readonly<Record<string, (value: never) => unknown>>): void {
  process.on("message", async ({ id, handler, value }: Request) => {
    try {
      const found = handlers[handler];
      if (found === undefined) throw new Error("there is no such handler");
      process.send?.({ id, value: await found(value as never) });
    } catch (failure) {
      process.send?.({ id, error: String(failure instanceof Error ? failure.stack : failure) });
    }
  });
  process.on("disconnect", () => process.exit(0));
}

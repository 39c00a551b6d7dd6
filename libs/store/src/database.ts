import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { isDamage, storeFailure } from "./store-failure.ts";

/**
 * What is on the disk when a transaction returns. `written`: survives the end of the process, and a loss of power at
 * the cost of the latest transactions. `durable`: survives a loss of power too, for one fsync (about 1 to 10 ms).
 */
export type Durability = "written" | "durable";

/** A prepared statement whose errors are the store's. */
export class Statement<Row> {
  readonly #statement: StatementSync;
  readonly #failure: (cause: unknown) => unknown;

  constructor(statement: StatementSync, failure: (cause: unknown) => unknown) {
    this.#statement = statement;
    this.#failure = failure;
  }

  /** Runs it and says how many rows it changed. */
  run(...values: SQLInputValue[]): number {
    try {
      return Number(this.#statement.run(...values).changes);
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  get(...values: SQLInputValue[]): Row | undefined {
    try {
      return this.#statement.get(...values) as Row | undefined;
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  all(...values: SQLInputValue[]): Row[] {
    try {
      return this.#statement.all(...values) as Row[];
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  /** Rows one after the other, so that a reader can stop before the rest was read. */
  *iterate(...values: SQLInputValue[]): Generator<Row, void, undefined> {
    try {
      yield* this.#statement.iterate(...values) as Iterable<Row>;
    } catch (cause) {
      throw this.#failure(cause);
    }
  }
}

/** The one connection to the file. */
export class Database {
  readonly #connection: DatabaseSync;
  readonly #failure: (cause: unknown) => unknown;
  #depth = 0;

  /** `onDamage` is called whenever a statement meets a page that makes no sense. */
  constructor(file: string, onDamage: () => void = () => undefined) {
    this.#failure = (cause) => {
      if (isDamage(cause)) onDamage();
      return storeFailure(file, cause);
    };
    try {
      this.#connection = new DatabaseSync(file, { enableForeignKeyConstraints: true });
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  prepare<Row = never>(sql: string): Statement<Row> {
    try {
      return new Statement<Row>(this.#connection.prepare(sql), this.#failure);
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  /** Runs statements without values. */
  execute(sql: string): void {
    try {
      this.#connection.exec(sql);
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  /** The value of a pragma that has one. */
  pragma(name: string): number | string | undefined {
    const row = this.prepare<Record<string, number | string>>(`PRAGMA ${name}`).get();
    return row === undefined ? undefined : Object.values(row)[0];
  }

  /**
   * Does all of `work` or, if it throws, none of it. Inside another transaction it is a part of that one and shares
   * its durability.
   */
  transaction<T>(durability: Durability, work: () => T): T {
    if (this.#depth > 0) return this.#nested(work);
    if (durability === "durable") this.execute("PRAGMA synchronous = FULL");
    try {
      return this.#outermost(work);
    } finally {
      if (durability === "durable") this.execute("PRAGMA synchronous = NORMAL");
    }
  }

  close(): void {
    if (this.#connection.isOpen) this.#connection.close();
  }

  #outermost<T>(work: () => T): T {
    this.execute("BEGIN IMMEDIATE");
    this.#depth++;
    try {
      const result = work();
      this.execute("COMMIT");
      return result;
    } catch (error) {
      // SQLite has rolled back by itself after some errors (a full disk, for one).
      if (this.#connection.isTransaction) this.execute("ROLLBACK");
      throw error;
    } finally {
      this.#depth--;
    }
  }

  #nested<T>(work: () => T): T {
    const savepoint = `nested_${this.#depth}`;
    this.execute(`SAVEPOINT ${savepoint}`);
    this.#depth++;
    try {
      const result = work();
      this.execute(`RELEASE ${savepoint}`);
      return result;
    } catch (error) {
      if (this.#connection.isTransaction) this.execute(`ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`);
      throw error;
    } finally {
      this.#depth--;
    }
  }
}

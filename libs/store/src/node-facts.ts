import { checkBytes, checkInteger, checkText } from "./checked-values.ts";
import type { Database, Statement } from "./database.ts";

/** Small things that a node remembers about itself: boot counter, record version, and the like. Durable at the return. */
export interface NodeFacts {
  get(name: string): Uint8Array | undefined;
  getText(name: string): string | undefined;
  set(name: string, value: Uint8Array | string): void;
  delete(name: string): void;
  /** Adds one to a counter that begins at 0, and returns the new value. */
  increment(name: string): number;
}

/** Facts are counters, ids and short texts: what is larger belongs into a table of its own. */
const MAX_FACT_BYTES = 64 * 1024;
const MAX_NAME_CHARACTERS = 128;

/** The facts in the store's file. */
export class SqliteNodeFacts implements NodeFacts {
  readonly #database: Database;
  readonly #get: Statement<{ value: Uint8Array }>;
  readonly #set: Statement<never>;
  readonly #delete: Statement<never>;

  constructor(database: Database) {
    this.#database = database;
    this.#get = database.prepare("SELECT value FROM node_facts WHERE name = ?");
    this.#set = database.prepare(
      "INSERT INTO node_facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    );
    this.#delete = database.prepare("DELETE FROM node_facts WHERE name = ?");
  }

  get(name: string): Uint8Array | undefined {
    return this.#get.get(name)?.value;
  }

  getText(name: string): string | undefined {
    const value = this.get(name);
    return value === undefined ? undefined : new TextDecoder().decode(value);
  }

  set(name: string, value: Uint8Array | string): void {
    checkText("the name of a fact", name, MAX_NAME_CHARACTERS, 1);
    const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
    checkBytes(`the fact ${name}`, bytes, MAX_FACT_BYTES);
    this.#database.transaction("durable", () => this.#set.run(name, bytes));
  }

  delete(name: string): void {
    this.#database.transaction("durable", () => this.#delete.run(name));
  }

  increment(name: string): number {
    return this.#database.transaction("durable", () => {
      const next = Number(this.getText(name) ?? 0) + 1;
      checkInteger(`the counter ${name}`, next);
      this.set(name, String(next));
      return next;
    });
  }
}

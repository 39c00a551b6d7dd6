import { StatusCode, StatusError } from "@clawmatrix/protocol";
import type { Database } from "./database.ts";
import { firstTables } from "./migrations/0001-first-tables.ts";
import type { Migration } from "./migrations/migration.ts";

/** Every step of the schema, in order. */
export const MIGRATIONS: readonly Migration[] = [firstTables];

/** "CLAW": marks the file as ours, so that another program's database is never written to. */
export const APPLICATION_ID = 0x434c_4157;

/** The file is a sound database, but not one that this program made. */
export class ForeignDatabaseError extends Error {}

/**
 * Brings the tables up to date: each step in a transaction of its own, so that what was cut off goes on where it was.
 * @throws StatusError `failed-precondition` if a newer version wrote the file, ForeignDatabaseError.
 */
export function migrate(database: Database, file: string, migrations = MIGRATIONS): void {
  const version = Number(database.pragma("user_version"));
  const applicationId = Number(database.pragma("application_id"));
  if (applicationId !== APPLICATION_ID && !(applicationId === 0 && version === 0 && isEmpty(database))) {
    throw new ForeignDatabaseError(`application id ${applicationId} is not ClawMatrix's`);
  }
  const latest = migrations.at(-1)?.version ?? 0;
  if (version > latest) {
    throw new StatusError(
      StatusCode.FAILED_PRECONDITION,
      `a newer ClawMatrix wrote the store ${file} (schema ${version}, this one knows ${latest})`,
      { hint: "update ClawMatrix, or move the file away to begin with an empty store" },
    );
  }
  for (const migration of migrations.filter((step) => step.version > version)) {
    database.transaction("durable", () => {
      database.execute(migration.sql);
      database.execute(
        `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migration.version}`,
      );
    });
  }
}

function isEmpty(database: Database): boolean {
  return database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
}

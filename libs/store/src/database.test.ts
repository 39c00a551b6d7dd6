import { join } from "node:path";
import { StatusCode } from "@clawmatrix/protocol";
import { expect, it, onTestFinished } from "vitest";
import { temporaryDirectory } from "../test/temporary-directory.ts";
import { Database } from "./database.ts";

function database(): Database {
  const made = new Database(join(temporaryDirectory(), "x.sqlite"));
  onTestFinished(() => made.close());
  made.execute("PRAGMA journal_mode = WAL; CREATE TABLE t (v BLOB)");
  return made;
}

it("a full disk is an error of its own, undoes the transaction, and the database goes on", () => {
  const full = database();
  full.execute(`PRAGMA max_page_count = ${Number(full.pragma("page_count")) + 2}`);
  const insert = full.prepare("INSERT INTO t VALUES (?)");
  const fill = (): void =>
    full.transaction("written", () => {
      for (let i = 0; i < 10; i++) insert.run(new Uint8Array(4_000));
    });
  expect(fill).toThrow(expect.objectContaining({ code: StatusCode.RESOURCE_EXHAUSTED }));
  expect(full.prepare<{ n: number }>("SELECT count(*) AS n FROM t").get()?.n).toBe(0);
  full.transaction("durable", () => insert.run(new Uint8Array(10)));
  expect(full.prepare<{ n: number }>("SELECT count(*) AS n FROM t").get()?.n).toBe(1);
});

it("a durable transaction is written with fsync, and the next one without again", () => {
  const made = database();
  made.execute("PRAGMA synchronous = NORMAL");
  const level = (durability: "written" | "durable") =>
    made.transaction(durability, () => made.pragma("synchronous"));
  expect([level("written"), level("durable"), level("written")]).toEqual([1, 2, 1]);
  expect(() => made.transaction("durable", () => made.execute("nonsense"))).toThrow(/refused a statement/);
  expect(level("written")).toBe(1);
});

import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { VirtualClock } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryDirectory } from "../test/temporary-directory.ts";
import { exampleSession, temporaryStore } from "../test/temporary-store.ts";
import { type OpenedStore, openStore } from "./open-store.ts";

const clock = new VirtualClock();

function open(file: string): OpenedStore {
  const opened = openStore({ file, clock });
  onTestFinished(() => opened.store.close());
  return opened;
}

/** A closed store with something in every part of the file. */
function filledStore(): string {
  const { file, store } = temporaryStore();
  store.nodeFacts.set("boot", "7");
  store.sessions.insert(exampleSession());
  const payload = new Uint8Array(3_000).fill(65);
  store.sessionEvents.append(
    "s1",
    Array.from({ length: 40 }, () => ({ time: 1, kind: "update", payload })),
  );
  store.close();
  return file;
}

function overwrite(file: string, at: number, data: Uint8Array): void {
  const handle = openSync(file, "r+");
  writeSync(handle, data, 0, data.length, at);
  closeSync(handle);
}

describe("opening the store", () => {
  it("makes it, closed to others, and finds everything again", () => {
    const { file, store, reopen } = temporaryStore();
    store.nodeFacts.set("boot", "1");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(`${file}-wal`).mode & 0o777).toBe(0o600);
    expect(reopen().nodeFacts.getText("boot")).toBe("1");
  });

  it("closes a store to others that was open to them", () => {
    const file = filledStore();
    chmodSync(file, 0o644);
    open(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("begins anew in an empty file, which a kill in the first moment leaves", () => {
    const file = join(temporaryDirectory(), "store.sqlite");
    writeFileSync(file, "");
    expect(open(file).damaged).toBeUndefined();
  });

  it("refuses a store of a newer version and leaves it as it is", () => {
    const file = filledStore();
    const database = new DatabaseSync(file);
    database.exec("PRAGMA user_version = 99");
    database.close();
    const before = readFileSync(file);
    expect(() => openStore({ file, clock })).toThrow(
      /newer ClawMatrix wrote the store .* \(schema 99, this one knows 1\)/,
    );
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(dirname(file))).toEqual(["store.sqlite"]);
  });

  it("says what to do when it may not write", () => {
    const file = join(temporaryDirectory(), "none", "store.sqlite");
    const error = thrown(() => openStore({ file, clock }));
    expect(error).toMatchObject({
      code: StatusCode.PERMISSION_DENIED,
      hint: expect.stringContaining("belong to you"),
    });
  });
});

describe("a damaged store", () => {
  const damages: [string, (file: string) => void][] = [
    ["is not a database", (file) => writeFileSync(file, "no database at all ".repeat(500))],
    ["has a wrong first byte", (file) => overwrite(file, 0, new Uint8Array([0]))],
    ["has an impossible page size", (file) => overwrite(file, 16, new Uint8Array([0xff, 0xff]))],
    ["has zeros for its schema", (file) => overwrite(file, 100, new Uint8Array(3_900))],
    [
      "has random bytes in every page",
      (file) => {
        const size = statSync(file).size;
        for (let at = 4_096; at < size; at += 4_096) overwrite(file, at, new Uint8Array(200).fill(0xa5));
      },
    ],
    [
      "was cut off in the middle",
      (file) => truncateSync(file, Math.floor(statSync(file).size / 2 / 4_096) * 4_096),
    ],
    ["was cut off within a page", (file) => truncateSync(file, statSync(file).size - 1_000)],
    ["was cut off within its header", (file) => truncateSync(file, 50)],
    [
      "belongs to another program",
      (file) => {
        const database = new DatabaseSync(file);
        database.exec("PRAGMA application_id = 12345");
        database.close();
      },
    ],
    [
      "has an index that does not fit its table",
      (file) => {
        const inIndex = readFileSync(file).lastIndexOf("coderagent-1");
        overwrite(file, inIndex, new TextEncoder().encode("nobody"));
      },
    ],
    [
      "lacks a table",
      (file) => {
        const database = new DatabaseSync(file);
        database.exec("DROP TABLE audit_entries");
        database.close();
      },
    ],
  ];

  it.each(damages)("that %s is set aside whole, and an empty one takes its place", (_, damage) => {
    const file = filledStore();
    damage(file);
    const damaged = readFileSync(file);
    const opened = open(file);
    expect(opened.damaged?.reason).toBeTruthy();
    expect(opened.damaged?.movedTo).toMatch(/store\.sqlite\.damaged-20260101T000000Z$/);
    expect(readFileSync(opened.damaged!.movedTo).equals(damaged)).toBe(true);
    expect(opened.store.nodeFacts.getText("boot")).toBeUndefined();
    opened.store.nodeFacts.set("boot", "1");
    opened.store.close();
    const again = open(file);
    expect(again.damaged).toBeUndefined();
    expect(again.store.nodeFacts.getText("boot")).toBe("1");
  });

  it("keeps those set aside before, also within one second", () => {
    const file = filledStore();
    const names = [1, 2, 3].map(() => {
      writeFileSync(file, "garbage ".repeat(2_000));
      const opened = openStore({ file, clock });
      opened.store.close();
      return opened.damaged?.movedTo;
    });
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(existsSync(name!)).toBe(true);
  });

  it("never ends in anything but a store or an error of its own, whichever byte is wrong", () => {
    const file = filledStore();
    const sound = readFileSync(file);
    for (let at = 0; at < 112; at += 1) {
      const bent = Buffer.from(sound);
      bent[at] = bent[at]! ^ 0xff;
      writeFileSync(file, bent);
      try {
        const { store } = openStore({ file, clock });
        store.sessions.list();
        store.close();
      } catch (error) {
        expect(error, `byte ${at}`).toBeInstanceOf(StatusError);
      }
    }
  });

  it("met while in use is an error of its own, and checked at the next start", () => {
    const { file, store } = temporaryStore();
    store.sessions.insert(exampleSession());
    const payload = new Uint8Array(100_000);
    store.sessionEvents.append(
      "s1",
      Array.from({ length: 50 }, () => ({ time: 1, kind: "update", payload })),
    );
    store.close();
    const second = openStore({ file, clock }).store;
    const size = statSync(file).size;
    for (let at = 8_192; at < size; at += 4_096) overwrite(file, at, new Uint8Array(4_096).fill(0xa5));
    const error = thrown(() => {
      second.sessionEvents.read("s1", 1);
      second.sessions.list();
    });
    expect(error).toMatchObject({ code: StatusCode.DATA_LOSS });
    second.close();
    expect(existsSync(`${file}-suspect`)).toBe(true);
    expect(open(file).damaged).toBeDefined();
    expect(existsSync(`${file}-suspect`)).toBe(false);
  });
});

describe("a transaction", () => {
  it("is undone as a whole when it throws, and only its inner part when that is caught", () => {
    const { store } = temporaryStore();
    const boom = new Error("boom");
    expect(() =>
      store.transaction(() => {
        store.nodeFacts.set("a", "1");
        throw boom;
      }),
    ).toThrow(boom);
    expect(store.nodeFacts.get("a")).toBeUndefined();
    store.transaction(() => {
      store.nodeFacts.set("a", "1");
      expect(() =>
        store.transaction(() => {
          store.nodeFacts.set("b", "1");
          throw boom;
        }),
      ).toThrow(boom);
    });
    expect([store.nodeFacts.getText("a"), store.nodeFacts.get("b")]).toEqual(["1", undefined]);
  });
});

function thrown(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

import { StatusCode } from "@clawmatrix/protocol";
import { describe, expect, it } from "vitest";
import { bytes, exampleSession, temporaryStore } from "../test/temporary-store.ts";

describe("facts", () => {
  it("are bytes or texts, counted on over restarts", () => {
    const { store, reopen } = temporaryStore();
    store.nodeFacts.set("founder", bytes(0, 255));
    store.nodeFacts.set("name", "Ä");
    expect(store.nodeFacts.increment("boot")).toBe(1);
    const again = reopen().nodeFacts;
    expect(again.increment("boot")).toBe(2);
    expect(again.get("founder")).toEqual(bytes(0, 255));
    expect(again.getText("name")).toBe("Ä");
    again.delete("name");
    expect(again.getText("name")).toBeUndefined();
    expect(() => again.set("", "x")).toThrow(/name of a fact/);
    expect(() => again.set("x", new Uint8Array(64 * 1024 + 1))).toThrow(/the fact x/);
    expect(() => again.increment("founder")).toThrow(/the counter founder/);
  });
});

describe("membership entries", () => {
  it("are kept once each, in the order in which they came", () => {
    const { store, reopen } = temporaryStore();
    expect(store.membershipEntries.put({ id: bytes(9), bytes: bytes(1) })).toBe(true);
    expect(store.membershipEntries.put({ id: bytes(1), bytes: bytes(2) })).toBe(true);
    expect(store.membershipEntries.put({ id: bytes(9), bytes: bytes(3) })).toBe(false);
    const { membershipEntries } = reopen();
    expect(membershipEntries.list()).toEqual([
      { id: bytes(9), bytes: bytes(1) },
      { id: bytes(1), bytes: bytes(2) },
    ]);
    expect(membershipEntries.get(bytes(9))).toEqual(bytes(1));
    expect(membershipEntries.count()).toBe(2);
    expect(() => membershipEntries.put({ id: bytes(), bytes: bytes(1) })).toThrow(/1 to 64 bytes/);
  });
});

describe("executed calls", () => {
  const key = { source: bytes(1), callId: bytes(7) };

  it("are begun once, and answered with what is known when they come again", () => {
    const { store, clock } = temporaryStore();
    const expiresAt = clock.now() + 1_000;
    expect(store.executedCalls.begin(key, expiresAt)).toBeUndefined();
    expect(store.executedCalls.begin(key, expiresAt)).toMatchObject({
      state: "running",
      startedAt: clock.now(),
    });
    store.executedCalls.finish(key, bytes(42), expiresAt);
    expect(store.executedCalls.begin(key, expiresAt)).toMatchObject({ state: "finished", result: bytes(42) });
    expect(store.executedCalls.begin({ ...key, source: bytes(2) }, expiresAt)).toBeUndefined();
  });

  it("that a restart cut off are known as interrupted, finished ones keep their result", () => {
    const { store, clock, reopen } = temporaryStore();
    const expiresAt = clock.now() + 1_000;
    const other = { ...key, callId: bytes(8) };
    store.executedCalls.begin(key, expiresAt);
    store.executedCalls.begin(other, expiresAt);
    store.executedCalls.finish(other, bytes(1), expiresAt);
    const { executedCalls } = reopen();
    expect(executedCalls.begin(key, expiresAt)).toMatchObject({ state: "interrupted" });
    expect(executedCalls.lookup(other)).toMatchObject({ state: "finished", result: bytes(1) });
  });

  it("are forgotten when they expire, but not while they run", () => {
    const { store, clock } = temporaryStore();
    const running = { ...key, callId: bytes(8) };
    store.executedCalls.begin(key, clock.now() + 10);
    store.executedCalls.finish(key, bytes(), clock.now() + 10);
    store.executedCalls.begin(running, clock.now() + 10);
    clock.advance(10);
    expect(store.executedCalls.lookup(key)).toBeUndefined();
    expect(store.executedCalls.purgeExpired(clock.now())).toBe(1);
    expect(store.executedCalls.lookup(running)).toMatchObject({ state: "running" });
    expect(() => store.executedCalls.finish(key, bytes(), 1)).toThrow(
      expect.objectContaining({ code: StatusCode.NOT_FOUND }),
    );
  });

  it("of one node are bounded, and those of another are not in its way", () => {
    const { store, clock } = temporaryStore();
    const callId = (i: number): Uint8Array => bytes(i >> 8, i & 255);
    const later = clock.now() + 1_000;
    store.transaction(() => {
      for (let i = 0; i < 10_000; i++) {
        store.executedCalls.begin({ source: bytes(1), callId: callId(i) }, later);
        store.executedCalls.finish({ source: bytes(1), callId: callId(i) }, bytes(), later);
      }
    });
    const next = { source: bytes(1), callId: callId(10_000) };
    expect(() => store.executedCalls.begin(next, later)).toThrow(
      expect.objectContaining({ code: StatusCode.RESOURCE_EXHAUSTED }),
    );
    expect(store.executedCalls.begin({ ...next, source: bytes(2) }, later)).toBeUndefined();
    clock.advance(1_000);
    expect(store.executedCalls.begin(next, clock.now() + 1)).toBeUndefined();
    expect(store.executedCalls.count()).toBe(2);
  });
});

describe("sessions", () => {
  it("come back as they were put", () => {
    const { store, reopen } = temporaryStore();
    const full = exampleSession({ modeId: "plan", closedAt: 5, metaJson: '{"a":"Ä"}' });
    store.sessions.insert(full);
    store.sessions.insert(exampleSession({ id: "s2", agentSessionId: undefined }));
    const { sessions } = reopen();
    expect(sessions.get("s1")).toEqual(full);
    expect(sessions.get("s2")?.agentSessionId).toBeUndefined();
    expect(sessions.findByAgentSession("coder", "agent-1")).toEqual(full);
    expect(sessions.get("none")).toBeUndefined();
  });

  it("change only as told, and keep their events", () => {
    const { store } = temporaryStore();
    store.sessions.insert(exampleSession({ modeId: "plan" }));
    store.sessionEvents.append("s1", [{ time: 1, kind: "k", payload: bytes(1) }]);
    expect(store.sessions.update("s1", { title: "new", modeId: undefined, updatedAt: 9 })).toBe(true);
    expect(store.sessions.get("s1")).toEqual(exampleSession({ title: "new", updatedAt: 9 }));
    expect(store.sessionEvents.range("s1").last).toBe(1);
    expect(store.sessions.update("none", { title: "x" })).toBe(false);
  });

  it("are listed latest first, in pages, by agent, owner and state", () => {
    const { store } = temporaryStore();
    for (let i = 0; i < 7; i++) {
      store.sessions.insert(
        exampleSession({
          id: `s${i}`,
          updatedAt: i < 5 ? 100 + i : 100,
          agentId: i % 2 === 0 ? "even" : "odd",
          ownerNode: i < 3 ? "here" : "there",
          state: i === 6 ? "closed" : "idle",
        }),
      );
    }
    const all: string[] = [];
    for (let after: { updatedAt: number; id: string } | undefined; ; ) {
      const page = store.sessions.list({ limit: 3, ...(after && { after }) });
      all.push(...page.map(({ id }) => id));
      after = page.at(-1);
      if (page.length < 3) break;
    }
    expect(all).toEqual(["s4", "s3", "s2", "s1", "s6", "s5", "s0"]);
    const ids = (query: object) => store.sessions.list(query).map(({ id }) => id);
    expect(ids({ agentId: "odd", ownerNode: "there" })).toEqual(["s3", "s5"]);
    expect(ids({ states: ["closed", "running"] })).toEqual(["s6"]);
    expect(store.sessions.count(["idle"])).toBe(6);
    expect(store.sessions.count()).toBe(7);
  });

  it("closed long ago are removed with their events, others stay", () => {
    const { store } = temporaryStore();
    store.sessions.insert(exampleSession({ id: "old", state: "closed", updatedAt: 1 }));
    store.sessions.insert(exampleSession({ id: "idle", updatedAt: 1 }));
    store.sessions.insert(exampleSession({ id: "new", state: "closed", updatedAt: 9 }));
    store.sessionEvents.append("old", [{ time: 1, kind: "k", payload: bytes(1) }]);
    expect(store.sessions.deleteClosedBefore(5)).toBe(1);
    expect(store.sessions.get("old")).toBeUndefined();
    expect(store.sessions.count()).toBe(2);
  });

  it.each([
    [{ id: "" }, /id of a session/],
    [{ state: "sleeping" as "idle" }, /CHECK constraint/],
    [{ createdAt: 0.5 }, /createdAt of a session/],
    [{ mcpServersJson: "{" }, /must be JSON/],
    [{ title: "x".repeat(5_000) }, /title of a session/],
  ])("are refused with a wrong value: %j", (change, message) => {
    const { store } = temporaryStore();
    expect(() => store.sessions.insert(exampleSession(change))).toThrow(message);
    expect(store.sessions.count()).toBe(0);
  });

  it("have ids that are used once", () => {
    const { store } = temporaryStore();
    store.sessions.insert(exampleSession());
    expect(() => store.sessions.insert(exampleSession())).toThrow(
      expect.objectContaining({ code: StatusCode.ALREADY_EXISTS }),
    );
  });
});

describe("known records", () => {
  const nodeId = new Uint8Array(16).fill(1);

  it("keep the latest version, also past 2^63, and when the node was last seen", () => {
    const { store } = temporaryStore();
    const put = (version: bigint, lastSeenAt: number) =>
      store.knownRecords.put({ nodeId, version, bytes: bytes(Number(version & 255n)), lastSeenAt });
    expect([put(2n, 10), put(1n, 20), put(2n, 20), put(2n ** 64n - 1n, 5)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
    store.knownRecords.touch(nodeId, 30);
    store.knownRecords.touch(nodeId, 7);
    expect(store.knownRecords.list()).toEqual([
      { nodeId, version: 2n ** 64n - 1n, bytes: bytes(255), lastSeenAt: 30 },
    ]);
    expect(() => put(2n ** 64n, 1)).toThrow(/64 bits/);
    expect(store.knownRecords.deleteLastSeenBefore(31)).toBe(1);
    expect(store.knownRecords.get(nodeId)).toBeUndefined();
  });

  it("are bounded: the node away for longest is forgotten", () => {
    const { store } = temporaryStore();
    const id = (i: number): Uint8Array => {
      const made = new Uint8Array(16);
      new DataView(made.buffer).setUint32(0, i);
      return made;
    };
    store.transaction(() => {
      for (let i = 0; i < 4_097; i++) {
        store.knownRecords.put({ nodeId: id(i), version: 1n, bytes: bytes(1), lastSeenAt: i === 7 ? 0 : 10 });
      }
    });
    expect(store.knownRecords.list()).toHaveLength(4_096);
    expect(store.knownRecords.get(id(7))).toBeUndefined();
  });
});

describe("the audit log", () => {
  it("lists the latest first, in pages, also of one subject", () => {
    const { store } = temporaryStore();
    for (let i = 0; i < 5; i++) {
      store.auditLog.append({
        time: i,
        subject: i % 2 === 0 ? "a" : "b",
        action: "tool:exec",
        outcome: "allowed",
        detail: i === 4 ? `${"x".repeat(4_095)}💥` : "d",
      });
    }
    const times = (query: object) => store.auditLog.list(query).map(({ time }) => time);
    expect(times({ limit: 2 })).toEqual([4, 3]);
    expect(times({ before: store.auditLog.list({ limit: 2 })[1]!.id })).toEqual([2, 1, 0]);
    expect(times({ subject: "b" })).toEqual([3, 1]);
    expect(store.auditLog.list()[0]?.detail).toHaveLength(4_096);
  });
});

import { describe, expect, it } from "vitest";
import { formatHostPort, parseHostPort } from "./address.ts";
import { parseDuration } from "./duration.ts";
import { nodeNameFromHost, problemWithModelId, problemWithNodeName } from "./names.ts";
import { parseSize } from "./size.ts";
import { nearest } from "./suggest.ts";

describe("suggestions", () => {
  const commands = ["status", "nodes", "agents", "session", "handoff", "completion", "up", "down"];
  it.each([
    ["stauts", "status"],
    ["Status", "status"],
    ["agnets", "agents"],
    ["sess", "session"],
    ["sesion", "session"],
    ["compl", "completion"],
    ["uo", "up"],
    ["xylophone", undefined],
    ["", undefined],
    ["s".repeat(10_000), undefined],
  ])("for %s are near enough to be a help", (word, right) => {
    expect(nearest(word, commands)).toBe(right);
  });
});

describe("durations and sizes", () => {
  it.each([
    ["500ms", 500],
    ["60s", 60_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["1.5h", 5_400_000],
    ["0s", 0],
    ["400d", undefined],
    ["5", undefined],
    ["5 m", undefined],
    ["-5m", undefined],
    ["m", undefined],
  ])("%s is %s ms", (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each([
    ["64MiB", 67_108_864],
    ["1.5 KB", 1_500],
    ["1mib", undefined],
    ["1", undefined],
  ])("%s is %s bytes", (text, bytes) => expect(parseSize(text)).toBe(bytes));
});

describe("addresses", () => {
  it.each(["127.0.0.1:19000", "[::1]:0", "relay.example:65535", "a_b:1"])("%s is HOST:PORT", (text) => {
    expect(formatHostPort(parseHostPort(text)!)).toBe(text);
  });
  it.each([
    ":80",
    "host",
    "host:",
    "host:65536",
    "::1:80",
    "http://a:1",
    "a b:1",
    "-a:1",
    "[a]:1x",
    `${"a".repeat(254)}:1`,
  ])("%s is not", (text) => expect(parseHostPort(text)).toBeUndefined());
});

describe("names", () => {
  it.each(["a", "A.b_c-9", "9", "x".repeat(63)])("%s can name a node", (name) =>
    expect(problemWithNodeName(name)).toBeUndefined(),
  );
  it.each(["", "x".repeat(64), "a b", "-a", ".a", "ä", "a@b", "a\n"])("%j cannot", (name) =>
    expect(problemWithNodeName(name)).toMatch(/must|may/),
  );
  it("of models may hold what providers use, but no @", () => {
    expect(problemWithModelId("qwen/qwen3-coder:30b")).toBeUndefined();
    expect(problemWithModelId("m@node")).toMatch(/may hold/);
  });
  it.each([
    ["Ada's-MacBook.local", "ada-s-macbook"],
    ["localhost", "localhost"],
    ["---", "node"],
    ["", "node"],
    ["ü".repeat(100), "node"],
  ])("are made of the host name %s", (host, name) => expect(nodeNameFromHost(host)).toBe(name));
});

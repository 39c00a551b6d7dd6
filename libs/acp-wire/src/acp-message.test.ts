import fc from "fast-check";
import { expect, test } from "vitest";
import { readAcpMessage } from "./acp-message.ts";
import { checkJson, writeObjectWith } from "./json-bytes.ts";
import { membersOf, membersWithin } from "./json-members.ts";

const utf8 = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

test("the members of any object are found, as the bytes that stand there", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.constantFrom(undefined, 1, "\t"),
      (object, blanks) => {
        const members = membersOf(Buffer.from(JSON.stringify(object, null, blanks)));
        const whole = JSON.parse(JSON.stringify(object)) as Record<string, unknown>;
        expect(
          Object.fromEntries([...members].map(([name, value]) => [name, JSON.parse(utf8(value))])),
        ).toEqual(whole);
      },
    ),
  );
});

test("the members of an inner object come from the same pass, and are those that it has", () => {
  const long = fc.string({ minLength: 60, maxLength: 200, unit: fc.constantFrom('"', "\\", "a", "ä", "\n") });
  const values = fc.dictionary(fc.string(), fc.oneof(fc.jsonValue(), long));
  fc.assert(
    fc.property(values, fc.oneof(values, fc.jsonValue()), values, (before, params, after) => {
      const { params: _, ...rest } = after;
      const bytes = Buffer.from(JSON.stringify({ ...before, params, ...rest }));
      const { members, inner } = membersWithin(bytes, "params");
      expect(members).toEqual(membersOf(bytes));
      const isObject = typeof params === "object" && params !== null && !Array.isArray(params);
      expect(inner).toEqual(isObject ? membersOf(members.get("params") ?? bytes) : undefined);
    }),
  );
  const twice = membersWithin(Buffer.from('{"params":{"a":1},"params":2}'), "params");
  expect(twice.inner).toBeUndefined();
});

test("random bytes are never taken for a message, and never throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(readAcpMessage(bytes)).toBeUndefined();
    }),
  );
});

test("a message with random changes is read or refused, and never throws", () => {
  const message = Buffer.from(
    '{"jsonrpc":"2.0","id":1,"method":"session/update","params":{"sessionId":"s","update":{"a":"\\"}"}}}',
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: message.length - 1 }), fc.nat({ max: 255 })), { maxLength: 4 }),
      (changes) => {
        const changed = Buffer.from(message);
        for (const [at, byte] of changes) changed[at] = byte;
        readAcpMessage(changed);
      },
    ),
  );
});

test.each([
  "[]",
  "null",
  "1",
  '{"level":"info","method":"GET"}',
  '{"jsonrpc":"2.0"}',
  '{"jsonrpc":"2.0","id":1}',
  '{"jsonrpc":"2.0","result":1}',
  `${"[".repeat(100_000)}`,
])("%s is no message", (line) => {
  expect(readAcpMessage(Buffer.from(line))).toBeUndefined();
});

test("ids come back as they were written, however large", () => {
  const read = readAcpMessage(Buffer.from('{"id": 12345678901234567890, "method":"x", "jsonrpc":"2.0"}'));
  expect(read?.kind === "request" && utf8(read.id)).toBe("12345678901234567890");
});

test("what a client adds to a request never replaces what the node says", () => {
  const extra = Buffer.from('{"sessionId":"theirs","_meta":{"n":1.10}}');
  expect(utf8(writeObjectWith(extra, [["sessionId", Buffer.from('"ours"')]]))).toBe(
    '{"sessionId":"ours","_meta":{"n":1.10}}',
  );
});

test("JSON of a caller stands on one line, and is refused where it is none", () => {
  expect(utf8(checkJson(Buffer.from('{\n "a": "\\n"\r\n}'), "it", "object"))).toBe('{  "a": "\\n"  }');
  for (const bad of ["{", "[]", '"', "\xff"]) {
    expect(() => checkJson(Buffer.from(bad, "latin1"), "prompt_json", "object")).toThrow("prompt_json");
  }
});

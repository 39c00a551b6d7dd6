import { describe, expect, test } from "vitest";
import { compile, generate } from "./proto-files.ts";

const REQUEST = frame(1, "CALL_ID");
const RESPONSE = frame(2, "CHANNEL_SEQUENCE");

function frame(number: number, dedupClass: string): string {
  return `option (clawmatrix.v1.frame) = { number: ${number} dedup_class: DEDUP_CLASS_${dedupClass} };`;
}

function call(number: number): string {
  return `option (clawmatrix.v1.call) = { number: ${number} };`;
}

interface Case {
  readonly title: string;
  /** What stands in the file, of a package of its own. */
  readonly proto: string;
  /** What the refusal has to say, beside the file's name. */
  readonly says: readonly string[];
  /** How many refusals there are: one per fault, so that none sends the reader after something that is not wrong. Default: 1. */
  readonly refusals?: number;
}

const CASES: readonly Case[] = [
  {
    title: "a frame without a number",
    proto: "message M { option (clawmatrix.v1.frame) = { dedup_class: DEDUP_CLASS_NONE }; }",
    says: [".M is a frame without a number", 'write "number: N"'],
  },
  {
    title: "a frame without a dedup class",
    proto: "message M { option (clawmatrix.v1.frame) = { number: 7 }; }",
    says: [".M is a frame without a dedup class", 'write "dedup_class: DEDUP_CLASS_…"'],
  },
  {
    title: "a frame's number out of range",
    proto: `message M { ${frame(65536, "NONE")} }`,
    says: [".M has the frame number 65536", "write a number from 1 to 65535"],
  },
  {
    title: "a frame's number used twice",
    proto: `message M { ${frame(7, "NONE")} } message N { ${frame(7, "NONE")} }`,
    says: [".N has the frame number 7, which is taken by", ".M", "write another one"],
  },
  {
    title: "a method without a number",
    proto: `service S { rpc Get(Q) returns (A); } message Q { ${REQUEST} } message A { ${RESPONSE} }`,
    says: [".S.Get has no number", 'write "option (call) = { number: N }"'],
  },
  {
    title: "a method's number out of range",
    proto: `service S { rpc Get(Q) returns (A) { ${call(70000)} } } message Q { ${REQUEST} } message A { ${RESPONSE} }`,
    says: [".S.Get has the number 70000", "write a number from 1 to 65535"],
  },
  {
    title: "a method's number used twice",
    proto: `service S { rpc Get(Q) returns (A) { ${call(5)} } rpc Put(P) returns (A) { ${call(5)} } }
      message Q { ${REQUEST} } message P { ${frame(3, "CALL_ID")} } message A { ${RESPONSE} }`,
    says: [".S.Put has the method number 5, which is taken by", ".S.Get"],
  },
  {
    title: "the request of a unary method that is not recognised by its call id",
    proto: `service S { rpc Get(Q) returns (A) { ${call(5)} } } message Q { ${frame(1, "CHANNEL_SEQUENCE")} } message A { ${RESPONSE} }`,
    says: [
      ".Q is the request of S.Get and has DEDUP_CLASS_CHANNEL_SEQUENCE",
      'write "dedup_class: DEDUP_CLASS_CALL_ID"',
    ],
  },
  {
    title: "the request of a server-streaming method that is not recognised by its call id",
    proto: `service S { rpc Get(Q) returns (stream A) { ${call(5)} } } message Q { ${frame(1, "NONE")} } message A { ${RESPONSE} }`,
    says: [".Q is the request of S.Get and has DEDUP_CLASS_NONE", 'write "dedup_class: DEDUP_CLASS_CALL_ID"'],
  },
  {
    title: "a client's message on a stream that is not recognised by its sequence number",
    proto: `service S { rpc Get(stream Q) returns (A) { ${call(5)} } } message Q { ${REQUEST} } message A { ${RESPONSE} }`,
    says: [
      ".Q is the request of S.Get and has DEDUP_CLASS_CALL_ID",
      'write "dedup_class: DEDUP_CLASS_CHANNEL_SEQUENCE"',
    ],
  },
  {
    title: "a client's message of a bidirectional method that is not recognised by its sequence number",
    proto: `service S { rpc Get(stream Q) returns (stream A) { ${call(5)} } } message Q { ${REQUEST} } message A { ${RESPONSE} }`,
    says: [
      ".Q is the request of S.Get and has DEDUP_CLASS_CALL_ID",
      'write "dedup_class: DEDUP_CLASS_CHANNEL_SEQUENCE"',
    ],
  },
  {
    title: "a response that is not recognised by its sequence number",
    proto: `service S { rpc Get(Q) returns (A) { ${call(5)} } } message Q { ${REQUEST} } message A { ${frame(2, "ORIGIN_VERSION")} }`,
    says: [
      ".A is the response of S.Get and has DEDUP_CLASS_ORIGIN_VERSION",
      'write "dedup_class: DEDUP_CLASS_CHANNEL_SEQUENCE"',
    ],
  },
  {
    title: "a request that is no frame",
    proto: `service S { rpc Get(Q) returns (A) { ${call(5)} } } message Q {} message A { ${RESPONSE} }`,
    says: [".Q is the request of S.Get and no frame", "dedup_class: DEDUP_CLASS_CALL_ID"],
  },
  {
    title: "a response that is no frame",
    proto: `service S { rpc Get(Q) returns (A) { ${call(5)} } } message Q { ${REQUEST} } message A {}`,
    says: [".A is the response of S.Get and no frame", "dedup_class: DEDUP_CLASS_CHANNEL_SEQUENCE"],
  },
  {
    title: "a request of two methods",
    proto: `service S { rpc Get(Q) returns (A) { ${call(5)} } rpc Put(Q) returns (A) { ${call(6)} } }
      message Q { ${REQUEST} } message A { ${RESPONSE} }`,
    says: [".S.Put has the request Q, which is that of S.Get", "write a request of its own"],
  },
  {
    title: "a message that can hold itself",
    proto: "message M { N n = 1; } message N { repeated M m = 1; }",
    says: [".M can hold itself", ".N can hold itself", "write it flat"],
    refusals: 2,
  },
  {
    title: "a map",
    proto: "message M { map<string, string> labels = 1; }",
    says: [".M: field labels is a map", "write a repeated message"],
  },
  {
    title: "a type without an encoder",
    proto: "message M { float ratio = 1; }",
    says: [".M: field ratio has a type for which no encoder is generated", "write double"],
  },
  {
    title: "a field's number that takes a longer tag",
    proto: "message M { bool far = 2048; }",
    says: [".M: field far has the number 2048", "write a number from 1 to 2047"],
  },
  {
    title: "a message inside a message",
    proto: "message M { message Inner {} Inner inner = 1; }",
    says: [".M declares Inner inside itself", "at the top of the file"],
  },
];

function pathOf(index: number): string {
  return `case${index}/case.proto`;
}

const compiled = compile(
  Object.fromEntries(
    CASES.map(({ proto }, index) => [
      pathOf(index),
      `syntax = "proto3"; package case${index}; import "clawmatrix/v1/options.proto";\n${proto}\n`,
    ]),
  ),
);

describe("the generator refuses", () => {
  test.each(CASES.map((refused, index) => ({ ...refused, index })))(
    "$title",
    ({ says, refusals = 1, index }) => {
      const refusal = refusalOf([pathOf(index)]);
      expect(refusal).toContain(`\n  ${pathOf(index)}: `);
      for (const part of says) expect(refusal).toContain(part);
      expect(refusal.split("\n")).toHaveLength(1 + refusals);
    },
  );

  test("everything that is wrong at once", () => {
    const refusal = refusalOf([pathOf(0), pathOf(1), pathOf(16)]);
    expect(refusal.split("\n")).toHaveLength(4);
  });
});

function refusalOf(paths: readonly string[]): string {
  try {
    return `it generated ${[...generate(compiled, paths).keys()].join(", ")}`;
  } catch (refusal) {
    return (refusal as Error).message;
  }
}

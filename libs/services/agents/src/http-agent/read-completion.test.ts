import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CompletionPart } from "./completion-chunk.ts";
import { EndpointFailure } from "./endpoint-failure.ts";
import { modelsOf } from "./listed-models.ts";
import { readCompletion } from "./read-completion.ts";

const options = { url: new URL("http://127.0.0.1/v1/chat/completions"), silenceMs: 1_000 };

async function read(
  bytes: Uint8Array,
  pieceBytes: number,
  type = "text/event-stream",
): Promise<CompletionPart[]> {
  const parts: CompletionPart[] = [];
  const response = {
    status: 200,
    headers: { "content-type": type },
    async *chunks() {
      for (let at = 0; at < bytes.length; at += pieceBytes)
        yield Buffer.from(bytes.subarray(at, at + pieceBytes));
    },
  };
  for await (const part of readCompletion(response, options)) parts.push(part);
  return parts;
}

const anyChunk = fc.oneof(
  fc.jsonValue(),
  fc.record({
    choices: fc.array(
      fc.record(
        {
          delta: fc.dictionary(
            fc.constantFrom("content", "reasoning", "tool_calls", "refusal"),
            fc.jsonValue(),
          ),
        },
        { requiredKeys: [] },
      ),
    ),
    usage: fc.jsonValue(),
  }),
);

describe("a completion", () => {
  it("is the same in pieces of any size", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "grapheme", minLength: 1 })),
        fc.integer({ min: 1, max: 9 }),
        async (texts, size) => {
          const events = texts.map((content) => ({ choices: [{ delta: { content } }] }));
          const stream = [...events, { choices: [{ delta: {}, finish_reason: "stop" }] }]
            .map((event) => `data: ${JSON.stringify(event)}\n\n`)
            .join("");
          const parts = await read(Buffer.from(stream), size);
          expect(parts.flatMap((part) => (part.kind === "text" ? part.text : []))).toEqual(texts);
        },
      ),
    );
  });

  it("is parts or a failure that says what is wrong, whatever an endpoint sends", async () => {
    const check = async (bytes: Uint8Array, type: string): Promise<void> => {
      try {
        for (const part of await read(bytes, 7, type))
          expect(part.kind).toMatch(/^(text|thought|tool|usage|finish)$/);
      } catch (error) {
        expect(error).toBeInstanceOf(EndpointFailure);
        expect((error as Error).message).toContain("http://127.0.0.1/v1/chat/completions");
      }
    };
    const types = fc.constantFrom("text/event-stream", "application/json", "", "text/html");
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), types, check));
    const events = fc
      .array(anyChunk, { maxLength: 5 })
      .map((all) => Buffer.from(all.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("")));
    await fc.assert(fc.asyncProperty(events, fc.constant("text/event-stream"), check), { numRuns: 300 });
  });
});

describe("a list of models", () => {
  it("is read as far as it is one", () => {
    expect(modelsOf('{"data":[{"id":"a","context_length":8},{"id":"b","max_model_len":"x"}]}')).toEqual([
      { id: "a", contextTokens: 8 },
      { id: "b", contextTokens: 0 },
    ]);
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        const models = modelsOf(text);
        expect(models === undefined || Array.isArray(models)).toBe(true);
      }),
    );
  });
});

import { SessionEvent } from "@clawmatrix/protocol";
import fc from "fast-check";
import { expect, it } from "vitest";
import { writeJson } from "../state/transcript/acp-json.ts";
import { Transcript } from "../state/transcript/transcript.ts";
import { type Scroll, TranscriptWindow, type WindowOptions } from "./window.ts";

const OPTIONS: WindowOptions = {
  width: 40,
  height: 10,
  opened: new Set(),
  chosen: undefined,
  nowMs: 0,
  cwd: "",
};

function transcriptOf(paragraphs: number): Transcript {
  const transcript = new Transcript();
  for (let seq = 1; seq <= paragraphs; seq++) {
    const value = writeJson({
      sessionUpdate: "agent_message_chunk",
      content: { type: "text", text: `${seq} ${"word ".repeat(seq % 25)}\n\n` },
    });
    transcript.apply(
      SessionEvent.decode(SessionEvent.encode({ seq, atUnixMs: 0n, body: { case: "updateJson", value } })),
    );
  }
  return transcript;
}

/** The whole transcript as one list of lines: what a window is a part of. */
function allLines(transcript: Transcript): string[] {
  const whole = new TranscriptWindow().lines(
    transcript,
    { item: 0, line: 0 },
    { ...OPTIONS, height: Number.MAX_SAFE_INTEGER },
  );
  return whole.map((line) => line.map(({ text }) => text).join(""));
}

it("shows a part of the whole wherever it is scrolled to, as a list of all lines would", () => {
  const transcript = transcriptOf(60);
  const all = allLines(transcript);
  const last = all.length - OPTIONS.height;
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -80, max: 80 }), { maxLength: 12 }), (moves) => {
      const window = new TranscriptWindow();
      let scroll: Scroll;
      let expected = last;
      for (const delta of moves) {
        scroll = window.scrolled(transcript, scroll, delta, OPTIONS);
        expected = Math.min(last, Math.max(0, expected + delta));
        const shown = window
          .lines(transcript, scroll, OPTIONS)
          .map((line) => line.map(({ text }) => text).join(""));
        expect(shown).toEqual(all.slice(expected, expected + OPTIONS.height));
        expect(scroll === undefined).toBe(expected === last);
      }
    }),
  );
});

it("shows a short transcript from its beginning, and follows it", () => {
  const transcript = transcriptOf(2);
  const window = new TranscriptWindow();
  expect(
    window.lines(transcript, undefined, OPTIONS).map((line) => line.map(({ text }) => text).join("")),
  ).toEqual(allLines(transcript));
  expect(window.scrolled(transcript, undefined, -5, OPTIONS)).toBeUndefined();
});

it("moves as little as brings an item into view", () => {
  const transcript = transcriptOf(60);
  const window = new TranscriptWindow();
  const scroll = window.showing(transcript, undefined, 3, OPTIONS);
  expect(scroll).toEqual({ item: 3, line: 0 });
  expect(window.showing(transcript, scroll, 3, OPTIONS)).toEqual(scroll);
});

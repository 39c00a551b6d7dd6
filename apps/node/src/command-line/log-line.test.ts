import { expect, it } from "vitest";
import { renderLogLine } from "./log-line.ts";
import { recordedOutput } from "./testing-output.ts";

const render = (line: string): string => renderLogLine(line, recordedOutput().output);

it("shows a line of the log with its part and its fields", () => {
  const line =
    '{"level":40,"time":"2026-11-22T12:00:00.000Z","part":"mesh","peer":"ab-cd","reason":"it is gone","n":3,"msg":"a link is down"}';
  expect(render(line)).toBe(
    '2026-11-22T12:00:00.000Z warn  mesh: a link is down peer=ab-cd reason="it is gone" n=3',
  );
});

it("leaves alone what is no line of the log", () => {
  for (const line of ["", "Error: out of memory", "{cut off"]) expect(render(line)).toBe(line);
});

import type { Output } from "./output.ts";

/** An output that keeps what is written: data and notes apart, without colour. */
export function recordedOutput(json = false): { output: Output; stdout: () => string; stderr: () => string } {
  let [stdout, stderr] = ["", ""];
  const plain = (_format: unknown, text: string): string => text;
  const output: Output = {
    json,
    terminal: false,
    document: (value) => void (stdout += `${JSON.stringify(value)}\n`),
    text: (text) => void (stdout += text),
    line: (text = "") => void (stdout += `${text}\n`),
    note: (text) => void (stderr += `${text}\n`),
    style: plain,
    noteStyle: plain,
  };
  return { output, stdout: () => stdout, stderr: () => stderr };
}

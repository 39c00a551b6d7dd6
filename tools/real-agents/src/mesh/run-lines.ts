import type { RequestPermissionRequest, SessionUpdate } from "@agentclientprotocol/sdk";
import { expect } from "../checks.ts";
import type { CommandResult } from "./command.ts";

/** One line of `clawmatrix run --json`, `session prompt --json` and `session attach --json`. */
export type RunLine =
  | { readonly type: "session"; readonly id: string }
  | { readonly type: "update"; readonly seq: number; readonly update: SessionUpdate }
  | {
      readonly type: "permission";
      readonly seq: number;
      readonly id: string;
      readonly request: RequestPermissionRequest;
    }
  | { readonly type: "answered"; readonly seq: number; readonly id: string; readonly by: string | null }
  | { readonly type: "reopened"; readonly seq: number; readonly how: "resumed" | "loaded" }
  | { readonly type: "end"; readonly stopReason: string }
  | { readonly type: "error"; readonly code: string; readonly message: string };

/** @throws Error when a line is not one JSON document. */
export function runLines(stdout: string): readonly RunLine[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      try {
        return JSON.parse(line) as RunLine;
      } catch (cause) {
        throw new Error(`not a line of JSON: ${line}`, { cause });
      }
    });
}

/** The lines of a turn that ended as it should. */
export function completedLines(result: CommandResult): readonly RunLine[] {
  const lines = runLines(result.stdout);
  const last = lines.at(-1);
  expect(result.code === 0 && last?.type === "end" && last.stopReason === "end_turn", describeResult(result));
  return lines;
}

export function describeResult({ code, stdout, stderr }: CommandResult): string {
  return `ended with ${code}, printed:\n${stdout}\nand on standard error:\n${stderr}`;
}

/** The text that the agent wrote, of all lines. */
export function textOfLines(lines: readonly RunLine[]): string {
  return updatesOf(lines)
    .map((update) =>
      update.sessionUpdate === "agent_message_chunk" && update.content.type === "text"
        ? update.content.text
        : "",
    )
    .join("");
}

/** The updates of all lines, in order. */
export function updatesOf(lines: readonly RunLine[]): readonly SessionUpdate[] {
  return lines.flatMap((line) => (line.type === "update" ? [line.update] : []));
}

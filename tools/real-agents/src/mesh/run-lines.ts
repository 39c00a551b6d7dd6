import type { SessionUpdate } from "@agentclientprotocol/sdk";

/** One line of `clawmatrix run --json`. */
export type RunLine =
  | { readonly type: "session"; readonly id: string }
  | { readonly type: "update"; readonly seq: number; readonly update: SessionUpdate }
  | { readonly type: "permission"; readonly id: string; readonly request: unknown }
  | { readonly type: "answered"; readonly id: string }
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

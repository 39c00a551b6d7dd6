import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Directories in which somebody has worked. */
const PROJECTS = 100;
/** Characters of a first message: longer than what lists show, as with people. */
const MESSAGE_CHARACTERS = 1_000;

/** Writes so many transcripts into a person's home directory as Claude Code and Codex keep theirs, half of them each. */
export async function writeTranscripts(home: string, count: number): Promise<void> {
  for (let project = 0; project < PROJECTS; project++) {
    const [claude, codex] = [claudeProject(home, project), codexDay(home, project)];
    await Promise.all([mkdir(claude, { recursive: true }), mkdir(codex, { recursive: true })]);
    const own = Array.from({ length: Math.ceil(count / PROJECTS) }, (_, at) => at * PROJECTS + project);
    await Promise.all(
      own.map((number) => {
        const id = `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;
        return number % 2 === 0
          ? writeFile(join(claude, `${id}.jsonl`), claudeLines(id, number, project))
          : writeFile(
              join(codex, `rollout-2026-11-20T10-00-00-${id}.jsonl`),
              codexLines(id, number, project),
            );
      }),
    );
  }
}

function claudeProject(home: string, project: number): string {
  return join(home, ".claude", "projects", `-home-ada-src-p${project}`);
}

function codexDay(home: string, project: number): string {
  return join(home, ".codex", "sessions", "2026", "11", String(1 + (project % 28)).padStart(2, "0"));
}

function message(number: number): string {
  return `Find out why test number ${number} is flaky. `.padEnd(
    MESSAGE_CHARACTERS,
    "It fails now and then. ",
  );
}

function claudeLines(sessionId: string, number: number, project: number): string {
  const common = { sessionId, cwd: `/home/ada/src/p${project}`, timestamp: "2026-11-20T10:00:00.000Z" };
  return lines(
    { ...common, type: "user", uuid: sessionId, message: { role: "user", content: message(number) } },
    {
      ...common,
      type: "assistant",
      uuid: sessionId,
      message: { role: "assistant", content: [{ type: "text", text: "I have found it." }] },
    },
  );
}

function codexLines(id: string, number: number, project: number): string {
  const timestamp = "2026-11-20T10:00:00.000Z";
  const said = (role: string, type: string, text: string) => ({
    timestamp,
    type: "response_item",
    payload: { type: "message", role, content: [{ type, text }] },
  });
  return lines(
    { timestamp, type: "session_meta", payload: { id, timestamp, cwd: `/home/ada/src/p${project}` } },
    said("user", "input_text", message(number)),
    said("assistant", "output_text", "I have found it."),
  );
}

function lines(...values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join("");
}

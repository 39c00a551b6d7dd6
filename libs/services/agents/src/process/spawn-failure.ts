import { existsSync } from "node:fs";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { catalogue } from "../catalogue/catalogue.ts";

/** Why the command of an agent could not be started, and what to do about it. */
export function spawnFailure(agentId: string, command: string, cwd: string, cause: unknown): StatusError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const install = catalogue.find((entry) => entry.command[0] === command)?.install;
  // The system says the same of a missing command and of a missing directory to run it in.
  if (code === "ENOENT" && !existsSync(cwd)) {
    return new StatusError(
      StatusCode.FAILED_PRECONDITION,
      `the first directory of the agent "${agentId}" does not exist: ${cwd}`,
      { reason: "directory-not-found", hint: "make it, or change `directories` in the configuration", cause },
    );
  }
  if (code === "ENOENT") {
    return new StatusError(
      StatusCode.FAILED_PRECONDITION,
      `the command "${command}" of the agent "${agentId}" was not found on this node`,
      {
        reason: "agent-command-not-found",
        hint:
          install === undefined ? "install it, or name its full path in `command`" : `install it: ${install}`,
        cause,
      },
    );
  }
  if (code === "EACCES") {
    return new StatusError(
      StatusCode.FAILED_PRECONDITION,
      `the command "${command}" of the agent "${agentId}" may not be executed by this node`,
      { reason: "agent-command-not-executable", hint: `make it executable: chmod +x ${command}`, cause },
    );
  }
  return new StatusError(
    StatusCode.UNAVAILABLE,
    `the agent "${agentId}" could not be started in ${cwd}${code === "" ? "" : ` (${code})`}`,
    { reason: "agent-start-failed", hint: "`clawmatrix agents check` shows more", cause },
  );
}

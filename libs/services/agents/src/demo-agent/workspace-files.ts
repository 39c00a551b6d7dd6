import { constants, type FileHandle, open } from "node:fs/promises";
import type {
  AgentContext,
  ClientCapabilities,
  ReadTextFileRequest,
  ReadTextFileResponse,
  SessionId,
} from "@agentclientprotocol/sdk";
import { methods, RequestError } from "@agentclientprotocol/sdk";
import { messageOf, ToolFailure } from "./failures.ts";
import { headBytes } from "./text-bounds.ts";
import { codeOf, type WorkspacePath } from "./workspace.ts";

/** ACP's error code for a file that does not exist. */
const RESOURCE_NOT_FOUND = -32_002;

export interface FileContent {
  /** The beginning of the file, never more than was asked for, never with a split character. */
  readonly bytes: Uint8Array;
  /** Bytes of the whole file. */
  readonly size: number;
}

/** Files of one session: the client's where it serves them (an editor's unsaved text counts), else this machine's. */
export interface WorkspaceFiles {
  /** At most `maxBytes` from the beginning of a file; undefined where there is none. */
  read(path: WorkspacePath, maxBytes: number, signal: AbortSignal): Promise<FileContent | undefined>;
  /** Replaces the file's text, or makes the file. */
  write(path: WorkspacePath, text: string, signal: AbortSignal): Promise<void>;
}

export function workspaceFiles(
  client: AgentContext,
  sessionId: SessionId,
  capabilities: ClientCapabilities,
): WorkspaceFiles {
  return {
    read: capabilities.fs?.readTextFile === true ? readFromClient : readLocally,
    write: capabilities.fs?.writeTextFile === true ? writeToClient : writeLocally,
  };

  async function readFromClient(
    path: WorkspacePath,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<FileContent | undefined> {
    const request: ReadTextFileRequest = { sessionId, path: path.shown };
    const answer: ReadTextFileResponse | undefined = await client
      .request(methods.client.fs.readTextFile, request, {
        cancellationSignal: signal,
        stopWaitingOnCancel: true,
      })
      .catch((error: unknown) => {
        if (error instanceof RequestError && error.code === RESOURCE_NOT_FOUND) return undefined;
        throw new ToolFailure(`The client could not read ${path.shown}: ${messageOf(error)}`, {
          cause: error,
        });
      });
    if (answer === undefined) return undefined;
    const bytes = Buffer.from(answer.content);
    return { bytes: headBytes(bytes, maxBytes), size: bytes.length };
  }

  async function writeToClient(path: WorkspacePath, text: string, signal: AbortSignal): Promise<void> {
    const request = { sessionId, path: path.shown, content: text };
    await client
      .request(methods.client.fs.writeTextFile, request, {
        cancellationSignal: signal,
        stopWaitingOnCancel: true,
      })
      .catch((error: unknown) => {
        throw new ToolFailure(`The client could not write ${path.shown}: ${messageOf(error)}`, {
          cause: error,
        });
      });
  }
}

/** O_NOFOLLOW: the path is resolved already, so a link there now was put there since. O_NONBLOCK: a pipe must not hang us. */
const SAFE_FLAGS = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

async function readLocally(path: WorkspacePath, maxBytes: number): Promise<FileContent | undefined> {
  let file: FileHandle;
  try {
    file = await open(path.real, constants.O_RDONLY | SAFE_FLAGS);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw new ToolFailure(`${path.shown} cannot be read (${codeOf(error)}).`, { cause: error });
  }
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new ToolFailure(`${path.shown} is not a file.`);
    const buffer = Buffer.alloc(Math.min(status.size, maxBytes + 1));
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return { bytes: headBytes(buffer.subarray(0, length), maxBytes), size: status.size };
  } finally {
    await file.close();
  }
}

async function writeLocally(path: WorkspacePath, text: string): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | SAFE_FLAGS;
  try {
    const file = await open(path.real, flags, 0o644);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new ToolFailure(`${path.shown} cannot be written (${codeOf(error)}).`, { cause: error });
  }
}

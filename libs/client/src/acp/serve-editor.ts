import type { Readable, Writable } from "node:stream";
import type { Clock, Random } from "@clawmatrix/environment";
import type { StatusError } from "@clawmatrix/protocol";
import type { NodeConnection } from "../node-connection.ts";
import { EditorBridge } from "./editor-bridge.ts";
import { EditorConnection } from "./editor-connection.ts";
import { RemoteAgent } from "./remote-agent.ts";

export interface ServeEditorOptions {
  /** AGENT or AGENT@NODE. */
  readonly agent: string;
  /** The directory of its sessions, on the agent's node. Default: as the editor says. */
  readonly cwd?: string | undefined;
  /** Connects to the local node; called again whenever the connection was lost. */
  readonly connect: () => Promise<NodeConnection>;
  readonly clock: Clock;
  readonly random: Random;
  /** The editor's messages, one on a line. */
  readonly input: Readable;
  /** Where the editor reads ours. */
  readonly output: Writable;
  readonly signal: AbortSignal;
  /** Tells the person something; editors keep it in a log. */
  readonly note: (text: string) => void;
}

/**
 * Serves an editor as an ACP agent: one of the mesh, which it may take for one on this machine. Resolves when the editor
 * is gone; its sessions go on.
 * @throws StatusError why the agent cannot be used, after the editor was told.
 */
export async function serveEditor(options: ServeEditorOptions): Promise<void> {
  const { connect, agent, cwd, clock, random, input, output, note } = options;
  const over = new AbortController();
  const unusable = Promise.withResolvers<never>();
  const interrupted = Promise.withResolvers<void>();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const remote = new RemoteAgent({ connect, agent, clock, random, signal });
  const onUnusable = (error: StatusError): void => unusable.reject(error);
  const bridge = new EditorBridge({ remote, cwd, clock, random, signal, note, onUnusable });
  const editor = new EditorConnection({ input, output, handler: bridge });
  bridge.editor = editor;
  options.signal.addEventListener("abort", () => interrupted.resolve(), { once: true });
  try {
    await Promise.race([editor.ended, unusable.promise, interrupted.promise]);
    if (remote.isConnected) await bridge.leave();
  } finally {
    over.abort();
    input.destroy();
    await remote.close();
  }
}

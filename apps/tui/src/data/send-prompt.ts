import { openSession, startTurn } from "@clawmatrix/client";
import { PermissionPolicy } from "@clawmatrix/protocol";
import { EMPTY_EDITOR, editorOf } from "../state/editor.ts";
import type { OpenSession } from "../state/open-session.ts";
import type { SessionRow } from "../state/session-list.ts";
import { CAPABILITIES_JSON } from "./client-capabilities.ts";
import type { NodeLink } from "./node-link.ts";
import { problemOf } from "./problem-of.ts";

export interface SendPromptOptions {
  readonly connected: () => Promise<NodeLink>;
  readonly open: OpenSession;
  readonly row: SessionRow;
  readonly text: string;
  readonly signal: AbortSignal;
  /** Changes the session on the screen. */
  readonly change: (change: (open: OpenSession) => OpenSession) => void;
  /** The session was taken up again: what follows is to be followed. */
  readonly onResumed: () => void;
}

/** Sends a prompt to a session, which is taken up again first where it was closed. A prompt that did not start is given back. */
export async function sendPrompt(options: SendPromptOptions): Promise<void> {
  const { connected, open, row, text, signal, change, onResumed } = options;
  let started = false;
  try {
    const client = (await connected()).agents(open.node);
    if (row.state === "closed" || open.transcript.ended) {
      const kind = { case: "resumeSessionId", value: row.id } as const;
      await openSession(
        client,
        { agentId: row.agent, kind, clientCapabilitiesJson: CAPABILITIES_JSON },
        { signal },
      );
      onResumed();
    }
    const turn = startTurn(client, {
      sessionId: row.id,
      prompt: [{ type: "text", text }],
      permission: PermissionPolicy.ASK,
      onQueued: (ahead) => change((now) => ({ ...now, sending: { text, ahead } })),
      onEvent: () => {
        // The events themselves come by Watch, like everybody's.
        if (started) return;
        started = true;
        change((now) => ({ ...now, sending: undefined }));
      },
    });
    await turn.done;
  } catch (error) {
    // Once the turn runs, its end is told by the transcript, however this call fared.
    if (started) return;
    change((now) => ({
      ...now,
      problem: problemOf(error),
      editor: now.editor.text === EMPTY_EDITOR.text ? editorOf(text) : now.editor,
    }));
  } finally {
    change((now) => (now.sending?.text === text ? { ...now, sending: undefined } : now));
  }
}

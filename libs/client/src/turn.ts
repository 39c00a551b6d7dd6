import {
  type AgentServiceClient,
  type PermissionAnswerInit,
  type PermissionPolicy,
  type PromptRequestInit,
  type SessionEvent,
  StatusCode,
  StatusError,
  type TurnEnded,
  type TurnFailed,
} from "@clawmatrix/protocol";
import { RequestStream } from "./request-stream.ts";

export interface TurnOptions {
  readonly sessionId: string;
  /** ACP's content blocks. */
  readonly prompt: readonly object[];
  readonly permission: PermissionPolicy;
  /** Fail rather than wait while another turn runs. Default: wait. */
  readonly refuseIfRunning?: boolean;
  /** Unique. With it a prompt that still waits can be withdrawn. Default: none. */
  readonly requestId?: string;
  /** Everything that happens in the session from the turn's beginning on, in order. */
  readonly onEvent: (event: SessionEvent) => void;
  /** So many turns come first. */
  readonly onQueued?: (ahead: number) => void;
}

/** How a turn ended: by the agent, or because it failed. */
export type TurnEnd =
  | { readonly kind: "ended"; readonly end: TurnEnded }
  | { readonly kind: "failed"; readonly failure: TurnFailed };

/** A prompt on its way: answered and cancelled from here, until it has ended. */
export interface Turn {
  /** Resolves with the turn's end. Rejects when the call broke off: the turn may be running on. */
  readonly done: Promise<TurnEnd>;
  /** Answers a permission request or question. */
  answer(answer: PermissionAnswerInit): void;
  /** Asks the agent to stop; a turn that still waits is withdrawn. */
  cancel(): void;
  /** Leaves the turn running. */
  detach(): void;
}

/** Sends a prompt to a session. */
export function startTurn(client: AgentServiceClient, options: TurnOptions): Turn {
  const requests = new RequestStream<PromptRequestInit>();
  const abort = new AbortController();
  const { sessionId, prompt, permission, refuseIfRunning = false, requestId = "" } = options;
  const promptJson = new TextEncoder().encode(JSON.stringify(prompt));
  requests.push({
    message: { case: "start", value: { sessionId, promptJson, permission, refuseIfRunning, requestId } },
  });
  return {
    done: follow(client, requests, options, abort.signal),
    answer: (answer) => requests.push({ message: { case: "answer", value: answer } }),
    cancel: () => requests.push({ message: { case: "cancel", value: { requestId } } }),
    detach: () => abort.abort(),
  };
}

async function follow(
  client: AgentServiceClient,
  requests: RequestStream<PromptRequestInit>,
  { onEvent, onQueued, requestId = "" }: TurnOptions,
  signal: AbortSignal,
): Promise<TurnEnd> {
  // The turns that come first end first, and are others' business.
  let ahead = 0;
  try {
    for await (const { message } of client.prompt(requests, { signal })) {
      if (message.case === "queued") {
        ahead = message.value.ahead;
        onQueued?.(ahead);
      }
      if (message.case !== "event") continue;
      const event = message.value;
      const { body } = event;
      const isEnd = body.case === "turnEnded" || body.case === "turnFailed";
      // Withdrawn, it ends before those that were ahead of it.
      const isOwnEnd = isEnd && requestId !== "" && body.value.requestId === requestId;
      if (ahead > 0 && !isOwnEnd) {
        if (isEnd) ahead--;
        continue;
      }
      onEvent(event);
      if (body.case === "turnEnded") return { kind: "ended", end: body.value };
      if (body.case === "turnFailed") return { kind: "failed", failure: body.value };
    }
  } finally {
    requests.end();
  }
  throw new StatusError(StatusCode.UNAVAILABLE, "the node ended the call before the turn had ended", {
    hint: "The turn may be running on: see `clawmatrix session list`.",
  });
}

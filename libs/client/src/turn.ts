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
  /** Everything that happens in the session from the prompt on, in order. */
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
  /** Asks the agent to stop. */
  cancel(): void;
  /** Leaves the turn running. */
  detach(): void;
}

/** Sends a prompt to a session. */
export function startTurn(client: AgentServiceClient, options: TurnOptions): Turn {
  const requests = new RequestStream<PromptRequestInit>();
  const abort = new AbortController();
  const { sessionId, prompt, permission, refuseIfRunning = false } = options;
  const promptJson = new TextEncoder().encode(JSON.stringify(prompt));
  requests.push({
    message: { case: "start", value: { sessionId, promptJson, permission, refuseIfRunning } },
  });
  return {
    done: follow(client, requests, options, abort.signal),
    answer: (answer) => requests.push({ message: { case: "answer", value: answer } }),
    cancel: () => requests.push({ message: { case: "cancel", value: {} } }),
    detach: () => abort.abort(),
  };
}

async function follow(
  client: AgentServiceClient,
  requests: RequestStream<PromptRequestInit>,
  { onEvent, onQueued }: TurnOptions,
  signal: AbortSignal,
): Promise<TurnEnd> {
  try {
    for await (const { message } of client.prompt(requests, { signal })) {
      if (message.case === "queued") onQueued?.(message.value.ahead);
      if (message.case !== "event") continue;
      const event = message.value;
      onEvent(event);
      if (event.body.case === "turnEnded") return { kind: "ended", end: event.body.value };
      if (event.body.case === "turnFailed") return { kind: "failed", failure: event.body.value };
    }
  } finally {
    requests.end();
  }
  throw new StatusError(StatusCode.UNAVAILABLE, "the node ended the call before the turn had ended", {
    hint: "The turn may be running on: see `clawmatrix session list`.",
  });
}

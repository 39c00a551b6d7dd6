import {
  type AgentServiceClient,
  PermissionPolicy,
  PromptResponse,
  type PromptResponseInit,
  type SessionEvent,
  type SessionEventInit,
  StatusCode,
} from "@clawmatrix/protocol";
import { describe, expect, it } from "vitest";
import { startTurn } from "./turn.ts";

const event = (seq: number, body: SessionEventInit["body"]): PromptResponseInit => ({
  message: { case: "event", value: { seq, body: body! } },
});
const ended = (seq: number, stopReason: string, requestId = "") =>
  event(seq, { case: "turnEnded", value: { stopReason, requestId } });
const started = (seq: number) => event(seq, { case: "turnStarted", value: {} });

/** A client whose prompt is answered by these messages, and what it was sent. */
function answering(...responses: PromptResponseInit[]) {
  const sent: (string | undefined)[] = [];
  const client = {
    async *prompt(requests: AsyncIterable<{ message: { case?: string } }>) {
      const reading = (async () => {
        for await (const { message } of requests) sent.push(message.case);
      })();
      for (const response of responses) yield PromptResponse.decode(PromptResponse.encode(response));
      await Promise.race([reading, Promise.resolve()]);
    },
  } as unknown as AgentServiceClient;
  return { client, sent };
}

function start(client: AgentServiceClient, requestId?: string) {
  const seqs: number[] = [];
  const queued: number[] = [];
  const turn = startTurn(client, {
    sessionId: "s",
    prompt: [{ type: "text", text: "hi" }],
    permission: PermissionPolicy.ASK,
    onEvent: ({ seq }: SessionEvent) => seqs.push(seq),
    onQueued: (ahead) => queued.push(ahead),
    ...(requestId === undefined ? {} : { requestId }),
  });
  return { turn, seqs, queued };
}

describe("a turn", () => {
  it("ends with its end, and shows what came until then", async () => {
    const { turn, seqs } = start(answering(started(1), ended(2, "end_turn"), started(3)).client);
    expect(await turn.done).toMatchObject({ kind: "ended", end: { stopReason: "end_turn" } });
    expect(seqs).toEqual([1, 2]);
  });

  it("that waits behind others neither shows theirs nor ends with them", async () => {
    const queuedBehind = (ahead: number): PromptResponseInit => ({
      message: { case: "queued", value: { ahead } },
    });
    const { client } = answering(
      queuedBehind(2),
      event(4, { case: "updateJson", value: new Uint8Array() }),
      ended(5, "cancelled"),
      started(6),
      event(7, { case: "turnFailed", value: { code: StatusCode.INTERNAL } }),
      started(8),
      ended(9, "end_turn"),
    );
    const { turn, seqs, queued } = start(client);
    expect(await turn.done).toMatchObject({ kind: "ended", end: { stopReason: "end_turn" } });
    expect(seqs).toEqual([8, 9]);
    expect(queued).toEqual([2]);
  });

  it("that is withdrawn while it waits ends before those ahead of it", async () => {
    const { client } = answering(
      { message: { case: "queued", value: { ahead: 1 } } },
      event(4, { case: "turnFailed", value: { code: StatusCode.CANCELLED, requestId: "mine" } }),
    );
    const { turn } = start(client, "mine");
    expect(await turn.done).toMatchObject({ kind: "failed", failure: { code: StatusCode.CANCELLED } });
  });

  it("whose call ends before it does is an error that says that it may be running on", async () => {
    const { turn } = start(answering(started(1)).client);
    await expect(turn.done).rejects.toMatchObject({
      code: StatusCode.UNAVAILABLE,
      hint: expect.stringContaining("may be running on"),
    });
  });
});

import {
  type AgentServiceClient,
  type CallOptions,
  type OpenSessionResponse,
  OpenSessionResponse as OpenSessionResponseFrame,
  SessionOpening,
  StatusCode,
  StatusError,
} from "@clawmatrix/protocol";
import { describe, expect, it } from "vitest";
import { openSession } from "./open-session.ts";

const lost = () => new StatusError(StatusCode.UNAVAILABLE, "the node was started anew");
const CALL_ID = new Uint8Array(16).fill(7);

/** A node that answers each request with the next of these: an error, or a session. */
function answering(...answers: (StatusError | "opened")[]) {
  const seen: (Uint8Array | undefined)[] = [];
  const openSession = async function* (
    _request: unknown,
    options?: CallOptions,
  ): AsyncGenerator<OpenSessionResponse> {
    seen.push(options?.callId);
    const answer = answers[seen.length - 1];
    if (answer instanceof StatusError) throw answer;
    const value = { session: { id: "s" }, opening: SessionOpening.NEW };
    yield OpenSessionResponseFrame.decode(
      OpenSessionResponseFrame.encode({ event: { case: "opened", value } }),
    );
  };
  return { client: { openSession } as unknown as AgentServiceClient, seen };
}

describe("opening a session", () => {
  it("makes a request that was lost again, under the same call id", async () => {
    const { client, seen } = answering(lost(), "opened");
    const { session } = await openSession(client, { agentId: "demo" }, { callId: CALL_ID });
    expect(session.id).toBe("s");
    expect(seen).toEqual([CALL_ID, CALL_ID]);
  });

  it("does not try again without a call id, when the node is not there, or what the node refused", async () => {
    const unreachable = new StatusError(StatusCode.UNAVAILABLE, "no way", { reason: "unreachable" });
    const refused = new StatusError(StatusCode.PERMISSION_DENIED, "no");
    for (const [error, options] of [
      [lost(), {}],
      [unreachable, { callId: CALL_ID }],
      [refused, { callId: CALL_ID }],
    ] as const) {
      const { client, seen } = answering(error, "opened");
      await expect(openSession(client, {}, options)).rejects.toBe(error);
      expect(seen).toHaveLength(1);
    }
  });

  it("gives up after three losses", async () => {
    const { client, seen } = answering(lost(), lost(), lost(), "opened");
    await expect(openSession(client, {}, { callId: CALL_ID })).rejects.toThrow("started anew");
    expect(seen).toHaveLength(3);
  });
});

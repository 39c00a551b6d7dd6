import { PassThrough } from "node:stream";
import { silentLogger, VirtualClock } from "@clawmatrix/environment";
import { StatusCode, StatusError } from "@clawmatrix/protocol";
import { describe, expect, it } from "vitest";
import { AcpConnection } from "./acp-connection.ts";

describe("a connection with an agent", () => {
  it("ends, and not the node, when a line cannot be taken", async () => {
    const input = new PassThrough();
    const broken = Promise.withResolvers<StatusError>();
    const connection = new AcpConnection({
      agentId: "full",
      input,
      output: new PassThrough(),
      clock: new VirtualClock(),
      logger: silentLogger,
      handler: {
        request: async () => Promise.reject(new Error("not asked")),
        notification: () => {
          throw new StatusError(StatusCode.RESOURCE_EXHAUSTED, "the disk is full", { hint: "make room" });
        },
      },
      onBroken: broken.resolve,
    });
    input.write('{"jsonrpc":"2.0","method":"session/update","params":{}}\n');
    const why = await broken.promise;
    expect(why).toMatchObject({ reason: "agent-line-failed", hint: "make room" });
    expect(why.message).toContain("the disk is full");
    expect(connection.counters.rubbishLines).toBe(0);
  });
});

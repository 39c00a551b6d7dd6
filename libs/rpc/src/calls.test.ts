import { DiagnosticService, TerminalService } from "@clawmatrix/protocol";
import { expect, test } from "vitest";
import { overChannel, overConduit } from "./call-dialer.ts";
import { createClient } from "./create-client.ts";
import { collect, TestNodes } from "./test-nodes.ts";

test("a unary call and a conversation cross from one node to another, and from a local client", async () => {
  const nodes = new TestNodes();
  const a = await nodes.start();
  const b = await nodes.start();
  b.registry.serve(DiagnosticService, { ping: async ({ payload }) => ({ payload }) });
  b.registry.serve(TerminalService, {
    async *open(requests) {
      for await (const { message } of requests) {
        if (message.case === "input" && message.value.input.case === "data") {
          yield { output: { output: { case: "data", value: message.value.input.value } } };
        }
      }
    },
  });
  const dialers = [overChannel(a.channels, b.id), overConduit(nodes.client(a), b.id)];
  for (const dialer of dialers) {
    const ping = createClient(DiagnosticService, dialer, nodes);
    const { payload } = await nodes.settle(ping.ping({ payload: Buffer.from("hello") }));
    expect(Buffer.from(payload).toString()).toBe("hello");
    const terminal = createClient(TerminalService, dialer, nodes);
    async function* inputs() {
      for (const text of ["one", "two", "three"]) {
        yield {
          message: { case: "input", value: { input: { case: "data", value: Buffer.from(text) } } },
        } as const;
      }
    }
    const answers = await nodes.settle(collect(terminal.open(inputs())));
    const texts = answers.map(
      ({ output }) => output?.output.case === "data" && Buffer.from(output.output.value).toString(),
    );
    expect(texts).toEqual(["one", "two", "three"]);
  }
  expect(b.server.openCalls).toBe(0);
});

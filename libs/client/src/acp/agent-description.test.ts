import { fromJson } from "@clawmatrix/acp-wire";
import { expect, test } from "vitest";
import { editorsView } from "./agent-description.ts";

const seen = (text: string): unknown => fromJson(editorsView(Buffer.from(text)));

test("an agent that says little can what the mesh does for every agent", () => {
  const agentCapabilities = { loadSession: true, sessionCapabilities: { list: {}, resume: {}, close: {} } };
  for (const text of ["{}", '{"protocolVersion":1,"agentCapabilities":null}', '{"agentCapabilities":{}}']) {
    expect(seen(text)).toEqual({ protocolVersion: 1, agentCapabilities });
  }
});

test("what the mesh cannot pass on is not offered; all else is, whole", () => {
  const bytes = editorsView(
    Buffer.from(
      '{"agentCapabilities":{"promptCapabilities":{"image":true},"sessionCapabilities":{"fork":{},"delete":{},"sing":{}}},' +
        '"authMethods":[{"id":"a"},{"id":"t","type":"terminal"},{"id":"e","type":"env_var"}],"big":12345678901234567890}',
    ),
  );
  expect(Buffer.from(bytes).toString()).toContain('"big":12345678901234567890');
  expect(fromJson(bytes)).toMatchObject({
    agentCapabilities: {
      promptCapabilities: { image: true },
      sessionCapabilities: { sing: {}, list: {}, resume: {}, close: {} },
    },
    authMethods: [{ id: "a" }],
  });
  expect(Buffer.from(bytes).toString()).not.toMatch(/fork|delete|terminal/);
});

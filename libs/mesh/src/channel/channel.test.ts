import { expect, test } from "vitest";
import { acceptCalls, openCall, say, TestMesh } from "./test-mesh.ts";

test("frames of a call arrive on the other side, and the answers here", async () => {
  const mesh = new TestMesh();
  const a = await mesh.node();
  const identity = mesh.identity();
  const b = await mesh.node(identity);
  const calls = acceptCalls(b);
  const channel = await mesh.settle(a.channelTo(identity.nodeId));
  const { lane, received } = openCall(channel);
  say(lane, "one");
  say(lane, "two");
  await mesh.pass(50);
  expect(calls[0]?.received.texts).toEqual(["one", "two"]);
  say(calls[0]!.lane, "three");
  await mesh.pass(50);
  expect(received.texts).toEqual(["three"]);
});
